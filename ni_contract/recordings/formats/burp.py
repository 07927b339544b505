"""HTTP/1 messages as sent, which proxies store, and the items that Burp Suite saves as XML; entities are refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree  # entities are refused below

from ni_contract.exchanges.values import Answer, Exchange, Failure, Headers, Request, header
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES, Recorded, require
from ni_contract.recordings.fields import from_base64, moment_in
from ni_contract.recordings.format import stream
from ni_contract.recordings.inflate import plain_body
from ni_contract.recordings.outline import FIRST_LOOK, XML
from ni_contract.recordings.pairs import answer_of

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


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer. *is_cut*: the body is shorter than its length, or its last chunk is missing."""

    first: str
    headers: Headers
    body: bytes
    is_cut: bool


def parse_message(data: bytes) -> Message:
    """The message in *data*. Raises Malformed."""
    head, _, body = data.lstrip(b"\r\n").replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    first, *rows = head.decode("latin-1").splitlines() or [""]
    require(first.strip(), "it is no HTTP message")
    pairs = (row.partition(":") for row in rows if ":" in row)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    if "chunked" in (header(headers, "transfer-encoding") or "").lower():
        body, is_cut = _unchunked(body)
        return Message(first, headers, body, is_cut)
    length = header(headers, "content-length") or ""
    return Message(first, headers, body, length.isdigit() and len(body) < int(length[:12]))


def request_of(data: bytes) -> Request:
    """The request in *data*; a relative URL is completed by the host in its headers. Raises Malformed."""
    message = parse_message(data)
    words = message.first.split(" ")
    require(len(words) >= 2, "the request has no URL")
    url = words[1]
    if not urlsplit(url).scheme:
        url = f"https://{header(message.headers, 'host') or 'api.nexmo.com'}{url}"
    return Request(words[0].upper(), url, message.headers, plain_body(message.headers, message.body, "the request"))


def answer_from(data: bytes | None, method: str) -> Answer | Failure:
    """The answer in *data* to a request by *method*; a failure where the recording has none. Raises Malformed."""
    if not (data or b"").strip():
        return Failure("reset", "the recording has no answer")
    message = parse_message(data or b"")
    words = message.first.split(" ", 2)
    require(len(words) > 1 and words[1].isdigit(), "the answer has no HTTP status")
    is_bodiless = method == "HEAD" or message.is_cut
    return answer_of(int(words[1][:3]), message.headers, None if is_bodiless else message.body)


def _unchunked(body: bytes) -> tuple[bytes, bool]:
    """*body* without its chunks, and whether it is truncated. One without chunks is unchanged: a tool removed them."""
    parts: list[bytes] = []
    at = 0
    while True:
        line, end, _ = body[at : at + 100].partition(b"\n")
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            return b"".join(parts) or body, bool(parts)
        at += len(line) + len(end)
        if not size:
            return b"".join(parts), False
        if size > len(body) - at:
            return b"".join(parts), True
        parts.append(body[at : at + size])
        at += size
        at += len(b"\r\n") - (body[at : at + 2] != b"\r\n")
