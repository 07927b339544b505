"""Reads one JSON document value by value from a stream, so that memory does not grow with the document."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR_END: Final = re.compile(r"[\s,\]}]")


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


class JsonStream:
    """A JSON text of which only what is being read is kept. Raises CannotRead where it is no JSON or ends too early."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read, self._decode = read, codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """The next character that is no white space, without going past it; "" at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Goes past *character*, which has to be the next one."""
        if self.next() != character:
            raise CannotRead("it is cut off" if not self.next() else f"it is not JSON: {character} is missing")
        self._at += 1

    def value(self) -> Any:
        """Reads the next value whole."""
        if not self.next():
            raise CannotRead("it is cut off")
        wanted = BLOCK
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
                if self._ended or not isinstance(found, int | float) or end < len(self._text):
                    self._at = end
                    return found
            except RecursionError:
                raise CannotRead("it is nested too deeply") from None
            except ValueError:
                if self._ended:
                    raise CannotRead("it is cut off, or not JSON from here on") from None
            if len(self._text) - self._at > MAX_ENTRY_BYTES:
                raise CannotRead(
                    f"it is not JSON from here on, or has a value of more than {MAX_ENTRY_BYTES} characters"
                )
            self._more(wanted)
            wanted = len(self._text) - self._at

    def members(self) -> Iterator[str]:
        """The names in an object; read the value of each before going on to the next."""
        self.take("{")
        if self.next() == "}":
            return self.take("}")
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise CannotRead("it is not JSON: the name of a member is no text")
            self.take(":")
            yield name
            if self.next() != ",":
                return self.take("}")
            self.take(",")

    def items(self) -> Iterator[None]:
        """One turn for each item of an array; read the item before going on to the next."""
        self.take("[")
        if self.next() == "]":
            return self.take("]")
        while True:
            yield
            if self.next() != ",":
                return self.take("]")
            self.take(",")

    def _more(self, wanted: int = 1) -> bool:
        """Reads on until *wanted* more characters are there; False at the end of the stream."""
        parts = [self._text[self._at :]]
        self._at = 0
        while wanted > 0 and not self._ended:
            block = self._read(BLOCK)
            self._ended = not block
            try:
                parts.append(self._decode(block, not block))
            except UnicodeDecodeError:
                self._ended = True
                raise CannotRead("it is not UTF-8") from None
            wanted -= len(parts[-1])
        self._text = "".join(parts)
        return not self._ended or bool(self._text)
