"""The values at one place of a JSON document, one after the other, in memory independent of its size."""

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, Final

import ijson

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import MAX_ENTRY_BYTES

MAX_DEPTH: Final = 300
_PIECE_BYTES: Final = 1 << 16
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_OPEN, _CLOSE = b"[{", b"]}"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(_OPEN + _CLOSE))
_STEPS: Final = {**dict.fromkeys(_OPEN, 1), **dict.fromkeys(_CLOSE, -1)}


def json_items(source: Source, place: str) -> Iterator[Any]:
    """The values at the path *place* (`log.entries.item`; "" is the whole). Raises CannotRead where the JSON ends."""
    return _parsed(source.read, lambda target: ijson.items_coro(target, place))


def json_events(read: Callable[[int], bytes]) -> Iterator[tuple[str, str, Any]]:
    """The events of the parser: path, kind, value. Raises CannotRead where the JSON ends."""
    return _parsed(read, ijson.parse_coro)


def _parsed(read: Callable[[int], bytes], parser_of: Callable[[Any], Any]) -> Iterator[Any]:
    found = ijson.sendable_list()
    parser, guard = parser_of(found), DepthGuard()
    unread, block = 0, b" "
    while block:
        block = read(_PIECE_BYTES)
        why = guard.why_refused(block) or _feed(parser, block)
        unread = 0 if found else unread + len(block)
        yield from found
        found.clear()
        if why:
            raise CannotRead(why)
        if unread > MAX_ENTRY_BYTES:
            raise CannotRead(f"it has more than {MAX_ENTRY_BYTES} bytes in which no entry ends")


def _feed(parser: Any, block: bytes) -> str:
    """The reason why the JSON cannot be read from here on, "" if it can."""
    try:
        if block:
            parser.send(block)
        else:
            parser.close()
    except ijson.JSONError as error:
        if "premature EOF" in str(error):
            return "it is cut off"
        return "it is not JSON from here on"
    return ""


class DepthGuard:
    """Counts the nesting of JSON; the memory of the parser grows with its square."""

    def __init__(self) -> None:
        self._depth, self._open = 0, b""

    def why_refused(self, block: bytes) -> str:
        """The reason why *block*, which follows earlier blocks, must not be parsed; "" if it may."""
        outside, quote, rest = _STRING.sub(b"", self._open + block).partition(b'"')
        escapes = len(rest) - len(rest.rstrip(b"\\"))
        self._open = quote + b"\\" * (escapes % 2)
        brackets = outside.translate(None, _NO_BRACKETS)
        depths = list(accumulate(map(_STEPS.__getitem__, brackets), initial=self._depth))
        self._depth = depths[-1]
        if max(depths) > MAX_DEPTH:
            return "it is nested too deeply"
        return ""
