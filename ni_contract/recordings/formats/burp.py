"""The items that Burp Suite saves as XML; entities are refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from xml.etree import ElementTree  # entities are refused below

from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES, Recorded
from ni_contract.recordings.fields import from_base64, moment_in
from ni_contract.recordings.format import stream
from ni_contract.recordings.http_messages import answer_from, request_of
from ni_contract.recordings.outline import FIRST_LOOK, XML

_NOTHING: Final = ElementTree.Element("nothing")
MAX_ELEMENTS: Final = 10_000
_BURP: Final = re.compile(rb"<items\b[^>]*(?:burpVersion|exportTime)|<items\b[^>]*>\s*<item>", re.IGNORECASE)


def _items(source: Source) -> Iterator[dict[str, Any]]:
    """The elements of each item by name. Raises CannotRead."""
    if b"<!ENTITY" in source.peek(FIRST_LOOK).partition(b"<items")[0]:
        raise CannotRead("its DTD declares entities, which are refused")
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    root: Any = None
    unread, elements, block = 0, 0, b" "
    while block:
        block = source.read(BLOCK)
        why = _feed(parser, block)
        unread += len(block)
        for event, element in parser.read_events():
            elements += 1
            if root is None:
                root = element
            if event == "end" and element.tag == "item":
                unread = elements = 0
                yield {child.tag: child for child in element}
                root.clear()
        if why or unread > MAX_ENTRY_BYTES or elements > MAX_ELEMENTS:
            raise CannotRead(why or f"it has an item of more than {MAX_ENTRY_BYTES} bytes or {MAX_ELEMENTS} elements")


def _feed(parser: Any, block: bytes) -> str:
    """The reason why the document cannot be read on, "" if it can."""
    try:
        if block:
            parser.feed(block)
        else:
            parser.close()
    except ElementTree.ParseError:
        return "it is cut off, or not XML from here on"
    return ""


@stream(lambda outline: outline.syntax == XML and _BURP.search(outline.head) is not None, _items, "item")
def burp(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    request = request_of(_bytes(item, "request"))
    request = replace(request, url=_text(item, "url") or request.url)
    answer = answer_from(_bytes(item, "response"), "")
    yield Exchange(request, answer, place, moment_in(_text(item, "time")), filtered=True)


def _text(item: Mapping[str, Any], name: str) -> str:
    return (item.get(name, _NOTHING).text or "").strip()


def _bytes(item: Mapping[str, Any], name: str) -> bytes:
    if item.get(name, _NOTHING).get("base64") == "true":
        return from_base64(_text(item, name))
    return _text(item, name).encode("utf-8", "replace")
