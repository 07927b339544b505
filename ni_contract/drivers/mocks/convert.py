"""One object of another library as an exchange, recognised by its class's module and read by its attributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from ni_contract.contract.vocabulary import FORM, JSON
from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request
from ni_contract.recordings.content import plain_body
from ni_contract.recordings.entry import Malformed
from ni_contract.recordings.pairs import exchange_in

# The failure of a mock that raises instead of answering; only the request can be judged then.
NO_ANSWER: Final = Failure("reset", "the mock did not answer")
UNKNOWN: Final = Failure("protocol", "the answer is not known")


class NotAnExchange(Exception):
    """An error for an object that is no exchange of a known library."""


def library_of(value: object) -> str:
    """The package that the class of *value* comes from."""
    return type(value).__module__.partition(".")[0]


def exchange_of(value: Any) -> Exchange:
    """The exchange that *value* is: a response, or a call or pair of a mocking library. Raises NotAnExchange."""
    if isinstance(value, Exchange):
        return value
    if isinstance(value, tuple) and len(value) == 2 and library_of(value) not in ("respx", "responses"):
        return _pair(*value)
    convert = _CONVERTERS.get((library_of(value), _kind(value)))
    if convert is None:
        raise NotAnExchange(f"{type(value).__module__}.{type(value).__qualname__}")
    return convert(value)


def _kind(value: object) -> str:
    """The kind of *value*: "Response", "Call" or ""; a subclass counts as its base."""
    names = {cls.__name__ for cls in type(value).__mro__}
    for word in ("ClientResponse", "BaseHTTPResponse", "HTTPResponse", "Response", "Call"):
        if word in names:
            if word.endswith("Response"):
                return "Response"
            return word
    return ""


def _pair(request: Any, response: Any) -> Exchange:
    """A request with its response, as pytest-httpserver's log and a cassette of vcrpy keep them."""
    if library_of(request) == "vcr" and isinstance(response, Mapping):
        return vcr_exchange(request, response)
    if hasattr(request, "query_string") and hasattr(response, "get_data"):
        return _of_werkzeug(request, response)
    if response is None or isinstance(response, Exception):
        return Exchange(request_of(request), NO_ANSWER)
    return Exchange(request_of(request), _answer_of(response))


def request_of(request: Any) -> Request:
    """The request that *request* is, of httpx, httpx2, requests or requests_mock. Raises NotAnExchange."""
    library = library_of(request)
    if library in ("httpx", "httpx2"):
        return Request(request.method, str(request.url), tuple(request.headers.multi_items()), _httpx_content(request))
    if library in ("requests", "requests_mock"):
        headers = tuple((str(k), _text(v)) for k, v in request.headers.items())
        return Request(str(request.method), str(request.url), headers, body_bytes(request.body))
    raise NotAnExchange(f"{type(request).__module__}.{type(request).__qualname__}")


def _answer_of(response: Any) -> Answer:
    """The answer that *response* is; a mock's may belong to no request. Raises NotAnExchange."""
    if library_of(response) in ("httpx", "httpx2"):
        return _httpx_answer(response)
    if hasattr(response, "status_code") and hasattr(response, "content"):
        return _requests_answer(response)
    raise NotAnExchange(f"{type(response).__module__}.{type(response).__qualname__}")


def _httpx_answer(response: Any) -> Answer:
    return _answer(response.status_code, response.headers.multi_items(), getattr(response, "_content", None))


def _answer(status: int, headers: Iterable[tuple[Any, Any]], body: bytes | None) -> Answer:
    """The answer; *body* is None where the test has not read all of it."""
    pairs = tuple((str(name), str(value)) for name, value in headers)
    return Answer(int(status), pairs, body or b"", body_recorded=body is not None)


def _httpx_content(request: Any) -> bytes:
    """The body of *request*; a streamed one is read now, if that is still possible."""
    try:
        content: bytes = request.content
    except Exception:  # noqa: BLE001  RequestNotRead, of two libraries
        try:
            content = request.read()
        except Exception:  # noqa: BLE001  a stream that is closed, or one for another event loop
            return b""
    return content


def of_httpx(response: Any) -> Exchange:
    """A response of httpx or httpx2, with its request."""
    try:
        request = response.request
    except RuntimeError:
        raise NotAnExchange("a response that belongs to no request") from None
    return Exchange(request_of(request), _httpx_answer(response))


def of_requests(response: Any) -> Exchange:
    """A response of requests, with its request."""
    return Exchange(request_of(response.request), _requests_answer(response))


def _requests_answer(response: Any) -> Answer:
    content = getattr(response, "_content", None)
    if content is None:
        # An object of a mocking library with the same attributes, or an empty body.
        content = response.content or b""
    return _answer(response.status_code, response.headers.items(), None if content is False else content)


def _of_responses_call(call: Any) -> Exchange:
    return _pair(call.request, call.response)


def _of_respx_call(call: Any) -> Exchange:
    return _pair(call.request, call.optional_response)


def of_aiohttp(response: Any) -> Exchange:
    """A response of aiohttp with the known parts of its request; the body is not known."""
    info = response.request_info
    headers = _pairs(info.headers)
    asked = Request(str(response.method).upper(), str(response.url).partition("#")[0], headers)
    return Exchange(asked, _answer(response.status, response.headers.items(), response._body))


def of_urllib3(response: Any, request: Request | None = None) -> Exchange:
    """A response of urllib3; its request is known only where it was recorded."""
    if request is None:
        raise NotAnExchange("a response of urllib3 that was made outside the test")
    return Exchange(request, _answer(response.status, response.headers.items(), getattr(response, "_body", None)))


def vcr_exchange(request: Any, response: Mapping[str, Any]) -> Exchange:
    """A request of vcrpy with its response, from a cassette that is in memory. Raises NotAnExchange."""
    rows = {str(k): v if isinstance(v, list | tuple) else [v] for k, v in request.headers.items()}
    headers = {name: [_text(one) for one in many] for name, many in rows.items()}
    asked = {"method": request.method, "uri": request.uri, "headers": headers, "body": body_bytes(request.body)}
    try:
        return exchange_in({"request": asked, "response": dict(response)}, "cassette")
    except Malformed as error:
        raise NotAnExchange(f"an interaction of a cassette of which {error}") from None


def _of_werkzeug(request: Any, response: Any) -> Exchange:
    query = request.query_string.decode("latin-1")
    url = f"{request.scheme}://{request.host}{request.path}" + (f"?{query}" if query else "")
    asked = Request(request.method, url, tuple((str(k), str(v)) for k, v in request.headers), request.get_data())
    headers = tuple((str(k), str(v)) for k, v in response.headers)
    return Exchange(asked, Answer(response.status_code, headers, response.get_data()))


def _pairs(headers: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in headers.items())


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value)


def body_bytes(body: Any) -> bytes:
    """A request's body as bytes on the wire, from each type that a library accepts."""
    if body is None:
        return b""
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, Mapping):
        return urlencode(list(body.items()), doseq=True).encode()
    if hasattr(body, "getvalue"):
        return body_bytes(body.getvalue())
    if isinstance(body, list | tuple) and all(isinstance(p, list | tuple) and len(p) == 2 for p in body):
        return urlencode(body, doseq=True).encode()
    return b""


def aiohttp_request(session: Any, method: str, url: Any, kwargs: Mapping[str, Any], response: Any) -> Request:
    """The request that *session* was called with, as far as a mock exposes it."""
    told = of_aiohttp(response).request if response is not None else Request(method.upper(), str(url))
    given = [*_given(getattr(session, "headers", None)), *_given(kwargs.get("headers")), *_auth(session, kwargs)]
    body, content_type = _aiohttp_body(kwargs)
    given += [("Content-Type", content_type)] if content_type else []
    known = {name.lower() for name, _ in told.headers}
    headers = (*told.headers, *(pair for pair in given if pair[0].lower() not in known))
    return Request(method.upper(), _with_params(told.url, kwargs.get("params")), headers, body)


def _given(headers: Any) -> Iterable[tuple[str, str]]:
    items = headers.items() if hasattr(headers, "items") else headers or ()
    return [(str(name), str(value)) for name, value in items]


def _auth(session: Any, kwargs: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    auth = kwargs.get("auth") or getattr(session, "auth", None)
    if auth is not None and hasattr(auth, "encode"):
        return [("Authorization", auth.encode())]
    return []


def _aiohttp_body(kwargs: Mapping[str, Any]) -> tuple[bytes, str]:
    if kwargs.get("json") is not None:
        return json.dumps(kwargs["json"]).encode(), JSON
    data = kwargs.get("data")
    if data is None:
        return b"", ""
    fields = getattr(data, "_fields", None)
    if fields is not None:
        return urlencode([(field[0]["name"], field[2]) for field in fields]).encode(), FORM
    return body_bytes(data), "" if isinstance(data, str | bytes) else FORM


def _with_params(url: str, params: Any) -> str:
    """*url* with *params*, which a mock may not have added."""
    if not params or "?" in url:
        return url
    if not isinstance(params, str):
        params = urlencode(list(params.items() if hasattr(params, "items") else params))
    return f"{url}?{params}"


def unpacked(exchange: Exchange) -> Exchange:
    """*exchange* with its answer's body decoded, where the Content-Encoding can be undone."""
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return exchange
    try:
        body = plain_body(answer.headers, answer.body, "the body")
    except Malformed:
        return exchange
    return replace(exchange, answer=replace(answer, body=body))


_CONVERTERS: Final[dict[tuple[str, str], Callable[[Any], Exchange]]] = {
    ("httpx", "Response"): of_httpx,
    ("httpx2", "Response"): of_httpx,
    ("requests", "Response"): of_requests,
    ("aiohttp", "Response"): of_aiohttp,
    ("urllib3", "Response"): of_urllib3,
    ("responses", "Call"): _of_responses_call,
    ("respx", "Call"): _of_respx_call,
}
