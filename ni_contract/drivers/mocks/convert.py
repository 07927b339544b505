"""One object of another library as an exchange, recognised by its class's module and read by its attributes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from ni_contract.contract.vocabulary import FORM, JSON
from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request
from ni_contract.recordings.entry import Malformed
from ni_contract.recordings.fields import as_text
from ni_contract.recordings.inflate import plain_body
from ni_contract.recordings.pairs import exchange_in

# The failure of a mock that raises instead of answering; only the request can be judged then.
NO_ANSWER: Final = Failure("reset", "the mock did not answer")
UNKNOWN: Final = Failure("protocol", "the answer is not known")
# Names of classes; a subclass counts as its base.
REQUESTS: Final = frozenset({"Request", "PreparedRequest", "_RequestObjectProxy"})
RESPONSES: Final = frozenset({"Response", "ClientResponse", "BaseHTTPResponse", "HTTPResponse"})
_HTTPX: Final = ("httpx", "httpx2")


class NotAnExchange(Exception):
    """An error for an object that is no exchange of a known library."""


def library_of(value: object) -> str:
    """The package that the class of *value* comes from."""
    return type(value).__module__.partition(".")[0]


def names_of(value: object) -> set[str]:
    """The names of the class of *value* and of its bases."""
    return {cls.__name__ for cls in type(value).__mro__}


def _unknown(value: object) -> NotAnExchange:
    return NotAnExchange(f"{type(value).__module__}.{type(value).__qualname__}")


def exchange_of(value: Any) -> Exchange:
    """The exchange that *value* is: a response, or a call or pair of a mocking library. Raises NotAnExchange."""
    if isinstance(value, Exchange):
        return value
    library, names = library_of(value), names_of(value)
    if "Call" in names and library in ("respx", "responses"):
        return _pair(value.request, value.optional_response if library == "respx" else value.response)
    if isinstance(value, tuple) and len(value) == 2:
        return _pair(*value)
    if library in (*_HTTPX, "requests", "aiohttp", "urllib3") and names & RESPONSES:
        return Exchange(_asked(value), answer_of(value))
    raise _unknown(value)


def _asked(response: Any) -> Request:
    """The request of *response*; of aiohttp's, the body is not known. Raises NotAnExchange where there is none."""
    if library_of(response) == "aiohttp":
        headers = pairs_of(response.request_info.headers)
        return Request(str(response.method).upper(), str(response.url).partition("#")[0], headers)
    try:
        request = response.request
    except (RuntimeError, AttributeError):
        raise NotAnExchange(f"a response of {library_of(response)} whose request is not known") from None
    return request_of(request)


def _pair(request: Any, response: Any) -> Exchange:
    """A request with its response, as pytest-httpserver's log and a cassette of vcrpy keep them."""
    if library_of(request) == "vcr" and isinstance(response, Mapping):
        return vcr_exchange(request, response)
    if response is None or isinstance(response, Exception):
        return Exchange(request_of(request), NO_ANSWER)
    return Exchange(request_of(request), answer_of(response))


def request_of(request: Any) -> Request:
    """The request that *request* is, of httpx, httpx2, requests, requests_mock or werkzeug. Raises NotAnExchange."""
    library = library_of(request)
    if library in _HTTPX:
        return Request(request.method, str(request.url), pairs_of(request.headers), _httpx_content(request))
    if library in ("requests", "requests_mock"):
        return Request(str(request.method), str(request.url), pairs_of(request.headers), body_bytes(request.body))
    if hasattr(request, "query_string"):
        query = request.query_string.decode("latin-1")
        url = f"{request.scheme}://{request.host}{request.path}" + (f"?{query}" if query else "")
        return Request(request.method, url, pairs_of(request.headers), request.get_data())
    raise _unknown(request)


def answer_of(response: Any) -> Answer:
    """The answer that *response* is; its body is unknown where the test has not read it. Raises NotAnExchange."""
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    if status is None or not hasattr(response, "headers"):
        raise _unknown(response)
    body = _body_of(response)
    return Answer(int(status), pairs_of(response.headers), body or b"", body_recorded=body is not None)


def _body_of(response: Any) -> bytes | None:
    if hasattr(response, "get_data"):
        return bytes(response.get_data())
    for name in ("_content", "_body"):
        body = getattr(response, name, None)
        if isinstance(body, bytes):
            return body
    # An object of a mocking library with the attributes of requests, or an empty body.
    is_bare = hasattr(response, "status_code") and getattr(response, "_content", None) is None
    if is_bare and library_of(response) not in _HTTPX:
        return bytes(response.content or b"")
    return None


def _httpx_content(request: Any) -> bytes:
    """The body of *request*; a streamed one is read now, if that is still possible."""
    try:
        return bytes(request.read())
    except Exception:  # noqa: BLE001  a stream that is closed, or one for another event loop
        return b""


def vcr_exchange(request: Any, response: Mapping[str, Any]) -> Exchange:
    """A request of vcrpy with its response, from a cassette that is in memory. Raises NotAnExchange."""
    headers, body = dict(request.headers), body_bytes(request.body)
    asked = {"method": request.method, "uri": request.uri, "headers": headers, "body": body}
    try:
        return exchange_in({"request": asked, "response": dict(response)}, "cassette")
    except Malformed as error:
        raise NotAnExchange(f"an interaction of a cassette of which {error}") from None


def pairs_of(headers: Any) -> Headers:
    """*headers* of any library: an object with all values or one of each name, pairs, or None."""
    pairs = headers or ()
    for name in ("items", "multi_items"):
        if hasattr(headers, name):
            pairs = getattr(headers, name)()
    return tuple((as_text(name), as_text(value)) for name, value in pairs)


def body_bytes(body: Any) -> bytes:
    """A request's body as bytes on the wire, from each type that a library accepts."""
    if body is None:
        return b""
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "getvalue"):
        return body_bytes(body.getvalue())
    are_pairs = isinstance(body, list | tuple) and all(isinstance(p, list | tuple) and len(p) == 2 for p in body)
    if are_pairs or isinstance(body, Mapping):
        return urlencode(body, doseq=True).encode()
    return b""


def aiohttp_request(session: Any, given: Mapping[str, Any], response: Any) -> Request:
    """The request of a call of *session* with the arguments *given*, as far as a mock exposes it."""
    url, headers = str(given.get("url")), pairs_of(None)
    if response is not None:
        told = _asked(response)
        url, headers = told.url, told.headers
    body, content_type = _aiohttp_body(given)
    more = [*pairs_of(getattr(session, "headers", None)), *pairs_of(given.get("headers"))]
    auth: Any = given.get("auth") or getattr(session, "auth", None)
    if hasattr(auth, "encode"):
        more.append(("Authorization", auth.encode()))
    if content_type:
        more.append(("Content-Type", content_type))
    known = {name.lower() for name, _ in headers}
    headers = (*headers, *(pair for pair in more if pair[0].lower() not in known))
    return Request(str(given["method"]).upper(), _with_params(url, given.get("params")), headers, body)


def _aiohttp_body(given: Mapping[str, Any]) -> tuple[bytes, str]:
    if given.get("json") is not None:
        return json.dumps(given["json"]).encode(), JSON
    data = given.get("data")
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
