"""An exchange made of a request and a response, each an object whose names differ between tools."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request, header
from ni_contract.recordings.entry import record
from ni_contract.recordings.fields import (
    body_in,
    headers_in,
    moment_in,
    pick,
    plain_name,
    status_in,
    url_in,
    usual_port_left_out,
    with_query,
)
from ni_contract.recordings.inflate import plain_body

_METHOD = ("method", "verb", "httpmethod", "requestmethod")
_URL = ("uri", "url", "requesturi", "absoluteurl", "fullurl")
_STATUS = ("statuscode", "code", "status", "httpstatus")
_MOMENT = ("recordedat", "starteddatetime", "createdat", "timestamp", "loggeddate", "time", "date")


def request_in(value: Mapping[Any, Any]) -> Request:
    """The request in *value*. Raises Malformed."""
    url = url_in(pick(value, *_URL) or value)
    if "?" not in url:
        url = with_query(url, pick(value, "queryparams", "query"))
    headers = _headers(value, "headers", "requestheaders", "header")
    body = body_in(pick(value, "body", "requestbody", "content")) or _form(pick(value, "postfields"))
    method = str(pick(value, *_METHOD) or "GET").lstrip(":").upper()
    return Request(
        method if method.isalpha() else "GET",
        usual_port_left_out(url),
        headers,
        plain_body(headers, body, "the body of the request"),
    )


def lacks_body(request: Request, size: Any = None) -> bool:
    """Whether the body of *request* was not recorded: it had *size* bytes, or those of its Content-Length."""
    told = str(size or header(request.headers, "content-length") or "0").strip()
    return not request.body and told.isdigit() and int(told) > 0


def _headers(message: Mapping[Any, Any], *names: str) -> Headers:
    """The headers of *message*, which may be in an object of their own with the first line."""
    found = pick(message, *names)
    return headers_in(pick(found, "headers") or found)


def _form(fields: Any) -> bytes:
    """The fields of a form, which php-vcr stores separately, as a body."""
    if isinstance(fields, Mapping):
        return urlencode(fields, doseq=True).encode()
    return b""


def answer_in(value: Mapping[Any, Any], status: Any = None) -> Answer:
    """The answer in *value*, with the *status* if that is stored elsewhere. Raises Malformed."""
    headers = (*_headers(value, "headers", "responseheaders", "header"), *headers_in(pick(value, "contentheaders")))
    body = body_in(pick(value, "body", "responsebody", "content", "stream", "response"))
    return answer_of(status_in(status if status is not None else pick(value, *_STATUS)), headers, body)


def answer_of(status: int, headers: tuple[tuple[str, str], ...], body: bytes | None) -> Answer:
    """An answer whose *body*, None if it was not recorded, is as on the wire. Raises Malformed."""
    if body is None:
        return Answer(status, headers, body_recorded=False)
    return Answer(status, headers, plain_body(headers, body, "the body of the response"))


def exchange_in(value: Any, place: str) -> Exchange:
    """The exchange in *value*, which has a request and a response. Raises Malformed."""
    item = record(value, "the entry")
    request = record(pick(item, "request", "req"), "request")
    moments = (moment_in(pick(one, *_MOMENT)) for one in (item, request))
    sent_at = next((moment for moment in moments if moment is not None), None)
    asked = request_in(request)
    return Exchange(asked, _answer(item), place, sent_at, filtered=True, partial=lacks_body(asked))


def _answer(item: Mapping[Any, Any]) -> Answer | Failure:
    """The answer, or a failure: a response of null means that there was none."""
    response = pick(item, "response", "res")
    if response is None and {"response", "res"} & set(map(plain_name, item)):
        return Failure("reset", "the recording has no answer")
    return answer_in(record(response, "response"))
