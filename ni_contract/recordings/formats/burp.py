"""Items that Burp Suite saved as XML; entities are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from xml.parsers import expat

from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES, Recorded, Unreadable, attempt
from ni_contract.recordings.fields import from_base64, moment_in
from ni_contract.recordings.format import Format
from ni_contract.recordings.outline import XML, Outline
from ni_contract.recordings.raw_http import answer_from, request_of

_BURP: Final = re.compile(rb"<items\b[^>]*(?:burpVersion|exportTime)|<items\b[^>]*>\s*<item>", re.IGNORECASE)


def _read(source: Source, _outline: Outline) -> Iterator[Recorded]:
    items = _Items()
    number = 0
    while True:
        block = source.read(BLOCK)
        why = items.feed(block)
        for item in items.taken():
            number += 1
            place = f"{source.name}, item {number}"
            yield attempt(place, _exchange, item, place)
        if why:
            yield Unreadable(f"{source.name}, after item {number}", why, is_rest=True)
        if why or not block:
            return


class _Items:
    """Collects the texts of each item while the document is parsed."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._found: list[dict[str, str]] = []
        self._item: dict[str, list[str]] = {}
        self._name, self._size, self._depth = "", 0, 0

    def feed(self, block: bytes) -> str:
        """The reason why the document cannot be read on, "" if it can."""
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError:
            return "it is cut off, or not XML from here on"
        except CannotRead as error:
            return str(error)
        return ""

    def taken(self) -> list[dict[str, str]]:
        """The complete items, each returned once."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name == "item":
            self._item, self._size = {}, 0
        self._name = name
        if attributes.get("base64") == "true":
            self._item[f"{name} base64"] = ["true"]

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._name = ""
        if name == "item":
            self._found.append({key: "".join(parts) for key, parts in self._item.items()})

    def _characters(self, data: str) -> None:
        self._size += len(data)
        if self._size > MAX_ENTRY_BYTES:
            raise CannotRead(f"it has an item of more than {MAX_ENTRY_BYTES} characters")
        if self._name:
            self._item.setdefault(self._name, []).append(data)

    def _refuse(self, *_arguments: Any) -> int:
        raise CannotRead("its DTD declares entities, which are refused")


def _exchange(item: dict[str, str], place: str) -> Exchange:
    request = request_of(_bytes(item, "request"))
    request = replace(request, url=item.get("url", "").strip() or request.url)
    answer = answer_from(_bytes(item, "response"), "")
    return Exchange(request, answer, place, moment_in(item.get("time")), filtered=True)


def _bytes(item: dict[str, str], name: str) -> bytes:
    text = item.get(name, "")
    if f"{name} base64" in item:
        return from_base64(text)
    return text.strip().encode("utf-8", "replace")


FORMAT = Format(
    "burp",
    "Burp Suite, saved items (XML)",
    "`items`, `item`",
    lambda outline: outline.syntax == XML and _BURP.search(outline.head) is not None,
    _read,
)
