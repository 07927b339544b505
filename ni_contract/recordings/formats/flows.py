"""Flow files of mitmproxy: tnetstrings one after the other; flows of HTTP are exchanges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request, header
from ni_contract.recordings.content import plain_body
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import (
    BLOCK,
    MAX_ENTRY_BYTES,
    Malformed,
    Recorded,
    Unreadable,
    member,
    moment,
    require,
)
from ni_contract.recordings.format import Format
from ni_contract.recordings.outline import Outline

_TNETSTRING: Final = re.compile(rb"[1-9][0-9]{0,11}:[0-9]+:")
MAX_DEPTH: Final = 50
_USUAL_PORT: Final = {"http": 80, "https": 443}
_MAX_LENGTH_DIGITS = 12


def read_flows(source: Source, _outline: Outline) -> Iterator[Recorded]:
    """The exchanges of *source*; of a truncated one, those before the cut."""
    number = 0
    try:
        for flow in flow_items(source):
            number += 1
            recorded = recorded_flow(flow, f"{source.name}, flow {number}")
            if recorded is not None:
                yield recorded
    except CannotRead as error:
        yield Unreadable(f"{source.name}, after flow {number}", str(error), is_rest=True)


def recorded_flow(flow: object, place: str) -> Recorded | None:
    """The exchange in one flow, or the reason why there is none; None for a flow that is not HTTP."""
    try:
        if isinstance(flow, Malformed):
            raise flow
        found = member(flow, "the flow")
        if _text(found.get("type")) == "http":
            return exchange_of_flow(found, place)
    except Malformed as error:
        return Unreadable(place, str(error))
    return None


def flow_items(source: Source) -> Iterator[Any]:
    """The flows as dictionaries, a Malformed for each that is too large or invalid. Raises CannotRead."""
    while head := source.peek(_MAX_LENGTH_DIGITS + 1):
        digits, colon, _ = head.partition(b":")
        if not colon or not digits.isdigit():
            raise CannotRead("it is no file of flows from here on")
        source.read(len(digits) + 1)
        size = int(digits) + 1
        if size > MAX_ENTRY_BYTES:
            _skip(source, size)
            yield Malformed(f"the flow has more than {MAX_ENTRY_BYTES} bytes")
            continue
        data = _exactly(source, size)
        try:
            yield _value(data[:-1], data[-1:], 0)
        except (Malformed, ValueError, IndexError):
            yield Malformed("the flow is broken inside")


def _exactly(source: Source, size: int) -> bytes:
    parts = []
    while size:
        block = source.read(min(BLOCK, size))
        if not block:
            raise CannotRead("it is cut off")
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def _skip(source: Source, size: int) -> None:
    while size:
        block = source.read(min(BLOCK, size))
        if not block:
            raise CannotRead("it is cut off")
        size -= len(block)


def _value(data: bytes, kind: bytes, depth: int) -> Any:
    """The value of *data*, whose type is the character *kind* after it. Raises Malformed, ValueError."""
    require(depth < MAX_DEPTH, "nested too deeply")
    if kind == b",":
        return data
    if kind == b";":
        return data.decode("utf-8")
    if kind == b"#":
        return int(data)
    if kind == b"^":
        return float(data)
    if kind == b"!":
        return data == b"true"
    if kind == b"~":
        return None
    items = list(_items(data, depth + 1))
    if kind == b"]":
        return items
    require(kind == b"}" and len(items) % 2 == 0, "no tnetstring")
    return {_text(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _items(data: bytes, depth: int) -> Iterator[Any]:
    at = 0
    while at < len(data):
        colon = data.index(b":", at, at + _MAX_LENGTH_DIGITS)
        start, size = colon + 1, int(data[at:colon])
        end = start + size
        require(size >= 0 and end < len(data), "no tnetstring")
        yield _value(data[start:end], data[end : end + 1], depth)
        at = end + 1


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def exchange_of_flow(flow: Mapping[str, Any], place: str) -> Exchange:
    """The exchange in *flow*. Raises Malformed."""
    request = member(flow.get("request"), "request")
    headers = _headers(request.get("headers"))
    body = plain_body(headers, _content(request), "request.content")
    asked = Request(_text(request.get("method")).upper(), _url(request, headers), headers, body)
    return Exchange(asked, _answer(flow), place, moment(request.get("timestamp_start"), "request.timestamp_start"))


def _url(request: Mapping[str, Any], headers: Headers) -> str:
    """The URL with the server's name as the client wrote it, not as the proxy resolved it."""
    scheme, path = _text(request.get("scheme") or b"http"), _text(request.get("path") or b"")
    named = _text(request.get("authority") or b"") or header(headers, "host")
    port = request.get("port")
    usual = port in (None, _USUAL_PORT.get(scheme))
    return f"{scheme}://{named or _text(request.get('host')) + ('' if usual else f':{port}')}{path}"


def _answer(flow: Mapping[str, Any]) -> Answer | Failure:
    response = flow.get("response")
    if response is None:
        error = flow.get("error") or {}
        return Failure("reset", _text(member(error, "error").get("msg") or "the recording has no answer"))
    found = member(response, "response")
    status = found.get("status_code")
    require(type(status) is int and 100 <= status <= 999, "response.status_code is no HTTP status")
    headers = _headers(found.get("headers"))
    return Answer(int(str(status)), headers, plain_body(headers, _content(found), "response.content"))


def _headers(value: object) -> Headers:
    require(isinstance(value, list), "headers are no list")
    rows = [row for row in value if isinstance(row, list) and len(row) == 2]  # type: ignore[attr-defined]
    return tuple((_text(name), _text(one)) for name, one in rows)


def _content(message: Mapping[str, Any]) -> bytes:
    content = message.get("content")
    if isinstance(content, bytes):
        return content
    return b""


FORMAT = Format(
    "flows", "mitmproxy flows", "tnetstrings", lambda outline: _TNETSTRING.match(outline.head) is not None, read_flows
)
