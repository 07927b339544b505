"""Flow files of mitmproxy: tnetstrings one after the other; flows of HTTP are exchanges."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ni_contract.exchanges.values import Failure, header
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES, Malformed, Recorded, record, require
from ni_contract.recordings.fields import headers_in
from ni_contract.recordings.format import stream
from ni_contract.recordings.pairs import exchange_in

_TNETSTRING: Final = re.compile(rb"[1-9][0-9]{0,11}:[0-9]+:")
MAX_DEPTH: Final = 50
_MAX_LENGTH_DIGITS = 12
_SCALARS: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b",": bytes,
    b";": lambda data: data.decode("utf-8"),
    b"#": int,
    b"^": float,
    b"!": lambda data: data == b"true",
    b"~": lambda _data: None,
}


def _flows(source: Source) -> Iterator[Any]:
    """The flows as dictionaries, a Malformed for each that is too large or invalid. Raises CannotRead."""
    while head := source.peek(_MAX_LENGTH_DIGITS + 1):
        digits, colon, _ = head.partition(b":")
        if not colon or not digits.isdigit():
            raise CannotRead("it is no file of flows from here on")
        source.read(len(digits) + 1)
        data = _taken(source, int(digits) + 1)
        try:
            yield _value(data[:-1], data[-1:], 0)
        except (Malformed, ValueError, IndexError):
            yield Malformed(f"the flow is broken inside, or has more than {MAX_ENTRY_BYTES} bytes")


def _taken(source: Source, size: int) -> bytes:
    """The next *size* bytes, of which none are kept where they are too many. Raises CannotRead."""
    parts, is_kept = [], size <= MAX_ENTRY_BYTES
    while size:
        block = source.read(min(BLOCK, size))
        if not block:
            raise CannotRead("it is cut off")
        if is_kept:
            parts.append(block)
        size -= len(block)
    return b"".join(parts)


def _value(data: bytes, kind: bytes, depth: int) -> Any:
    """The value of *data*, whose type is the character *kind* after it. Raises Malformed, ValueError."""
    require(depth < MAX_DEPTH, "nested too deeply")
    if kind in _SCALARS:
        return _SCALARS[kind](data)
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


@stream(lambda outline: _TNETSTRING.match(outline.head) is not None, _flows, "flow")
def flows(flow: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    if _text(flow.get("type")) != "http":
        return
    request = record(flow.get("request"), "request")
    require(isinstance(request.get("headers"), list), "request.headers is no list")
    asked = {**request, "method": _text(request.get("method")), "url": _url(request)}
    parts = {"request": asked, "response": flow.get("response"), "time": request.get("timestamp_start")}
    exchange = replace(exchange_in(parts, place), filtered=False)
    if isinstance(exchange.answer, Failure) and (error := record(flow.get("error") or {}, "error").get("msg")):
        exchange = replace(exchange, answer=Failure("reset", _text(error)))
    yield exchange


def _url(request: Mapping[str, Any]) -> str:
    """The URL with the server's name as the client wrote it, not as the proxy resolved it."""
    named = _text(request.get("authority") or b"") or header(headers_in(request.get("headers")), "host")
    host = named or f"{_text(request.get('host'))}:{request.get('port')}"
    return f"{_text(request.get('scheme') or b'http')}://{host}{_text(request.get('path') or b'')}"
