"""Cassettes of VCR: of vcrpy (`interactions`) and of the Ruby original (`http_interactions`), in YAML or JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, Final

from ni_contract.exchanges.values import Answer, Exchange, Headers, Request
from ni_contract.recordings.content import plain_body
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import (
    BLOCK,
    MAX_ENTRY_BYTES,
    Malformed,
    Recorded,
    Unreadable,
    headers_of,
    member,
    moment,
    require,
    text,
)
from ni_contract.recordings.json_stream import JsonStream
from ni_contract.recordings.lines import TooLong, lines_of

LISTS: Final = ("interactions", "http_interactions")
# What cannot be read item by item needs ten times its size.
MAX_WHOLE_FILE_BYTES: Final = 4_000_000
_ALIAS = re.compile(rb"(?m)[:-] +\*[\w-]+\s*$")
_LAYOUT = re.compile(rb"(?m)^[\"']?(?:http_)?interactions[\"']?:\s*\n- ")

Load = Callable[[bytes], Any]


def read_cassette_json(source: Source) -> Iterator[Recorded]:
    """The interactions of a cassette in JSON; where it is cut off, those before are read."""
    yield from _recorded(cassette_json_items(source), source.name)


def read_cassette_yaml(source: Source) -> Iterator[Recorded]:
    """The interactions of a cassette in YAML; one that cannot be read does not stop the rest."""
    yield from _recorded(cassette_yaml_items(source), source.name)


def _recorded(items: Iterator[Any], name: str) -> Iterator[Recorded]:
    number = 0
    try:
        for item in items:
            number += 1
            yield recorded_interaction(item, f"{name}, interaction {number}")
    except CannotRead as error:
        yield Unreadable(f"{name}, after interaction {number}", str(error), fatal=not number)


def recorded_interaction(item: object, place: str) -> Recorded:
    """The exchange in one interaction, or why there is none."""
    try:
        if isinstance(item, Malformed):
            raise item
        return exchange_of_interaction(member(item, "the interaction"), place)
    except Malformed as error:
        return Unreadable(place, str(error))


def cassette_json_items(source: Source) -> Iterator[Any]:
    """The items of the list of interactions. Raises CannotRead."""
    stream = JsonStream(source.read)
    for name in stream.members():
        if name in LISTS and stream.next() == "[":
            for _ in stream.items():
                yield stream.value()
        else:
            stream.value()


def cassette_yaml_items(source: Source) -> Iterator[Any]:
    """The items of the list of interactions, a Malformed for each that is no YAML. Raises CannotRead.

    As tools write it, each item begins with a dash at the margin, and only one is in memory at a time. Other layouts,
    and items that refer to each other, are read whole, if they are small.
    """
    load = _loader()
    start = source.peek(MAX_WHOLE_FILE_BYTES)
    if _ALIAS.search(start) or not _LAYOUT.search(start):
        yield from _whole(load, source)
        return
    inside = False
    for piece in _pieces(source):
        if inside:
            yield _one(load, piece)
        # What comes before the first dash is the name of the list.
        inside = True


def _whole(load: Load, source: Source) -> Iterator[Any]:
    data = b""
    while block := source.read(BLOCK):
        data += block
        if len(data) > MAX_WHOLE_FILE_BYTES:
            raise CannotRead(f"it is a cassette in an unusual layout and larger than {MAX_WHOLE_FILE_BYTES} bytes")
    found = load(data)
    if isinstance(found, Malformed):
        raise CannotRead(str(found))
    lists = [found[name] for name in LISTS if isinstance(found, dict) and isinstance(found.get(name), list)]
    if not lists:
        raise CannotRead("it has no list of interactions")
    yield from lists[0]


def _one(load: Load, piece: list[bytes]) -> Any:
    item = load(b"\n".join(piece))
    if isinstance(item, list) and len(item) == 1:
        return item[0]
    return item if isinstance(item, Malformed) else Malformed("it is no interaction")


def _pieces(source: Source) -> Iterator[list[bytes]]:
    """The lines of each item of the list; first those before it."""
    piece: list[bytes] = []
    size, ended = 0, False
    for line in lines_of(source.read):
        if isinstance(line, TooLong):
            raise CannotRead(f"it has a line of more than {MAX_ENTRY_BYTES} bytes")
        size += len(line)
        if line.startswith(b"- "):
            yield piece
            piece, size, ended = [], len(line), False
        # Another member of the document ends the list.
        ended = ended or bool(piece and piece[0].startswith(b"- ") and line[:1].isalnum())
        if size > MAX_ENTRY_BYTES:
            raise CannotRead(f"it has an interaction of more than {MAX_ENTRY_BYTES} bytes")
        if not ended:
            piece.append(line)
    yield piece


def _loader() -> Load:
    try:
        import yaml
    except ImportError:
        raise CannotRead("it is a cassette in YAML; pip install 'ni-contract[recordings]' to read it") from None
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # Ruby writes this for what YAML calls !!binary.
    loader: Any = type("Loader", (base,), {})
    loader.add_constructor("!binary", base.construct_yaml_binary)
    loader.add_multi_constructor("tag:yaml.org,2002:python/", _plain_value)

    def load(data: bytes) -> Any:
        try:
            return yaml.load(data.decode("utf-8"), Loader=loader)  # noqa: S506  a safe loader
        except UnicodeDecodeError as error:
            return Malformed(f"it is not UTF-8: byte {data[error.start]:#04x}")
        except (yaml.YAMLError, ValueError, RecursionError):
            return Malformed("it is not YAML")

    return load


def _plain_value(loader: Any, _tag: str, node: Any) -> Any:
    """What old cassettes mark as objects of Python is read as the plain value that it is made of; nothing is called."""
    if node.id == "scalar":
        return loader.construct_scalar(node)
    if node.id == "sequence":
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


def exchange_of_interaction(item: dict[str, Any], place: str) -> Exchange:
    """The exchange in *item*, an interaction of a cassette. Raises Malformed."""
    request, response = member(item.get("request"), "request"), member(item.get("response"), "response")
    url = text(request.get("uri", request.get("url")), "request.uri")
    headers = _headers(request.get("headers"), "request.headers")
    body = plain_body(headers, _body(request.get("body"), "request.body"), "request.body")
    asked = Request(text(request.get("method"), "request.method").upper(), url, headers, body)
    return Exchange(asked, _answer(response), place, _recorded_at(item), filtered=True)


def _answer(response: dict[str, Any]) -> Answer:
    status = response.get("status", response.get("status_code"))
    code = status.get("code") if isinstance(status, dict) else status
    require(type(code) is int and 100 <= code <= 999, "response.status has no HTTP status")
    headers = _headers(response.get("headers"), "response.headers")
    written = response.get("body", response.get("content"))
    body = plain_body(headers, _body(written, "response.body"), "response.body")
    return Answer(int(code), headers, body)  # type: ignore[arg-type]


def _headers(value: object, name: str) -> Headers:
    """Values that YAML took for numbers are the text that was meant."""
    if isinstance(value, dict):
        rows = {key: many if isinstance(many, list) else [many] for key, many in value.items()}
        value = {key: [str(one) for one in many if one is not None] for key, many in rows.items()}
    return headers_of(value, name)


def _body(value: object, name: str) -> bytes:
    """A body as text or bytes, or as an object that holds it."""
    if isinstance(value, dict):
        if isinstance(encoded := value.get("base64_string"), str):
            return _from_base64(encoded, name)
        # A stream that vcrpy kept: its contents come first in its state.
        state = value.get("state")
        return _body(state[0] if isinstance(state, list) and state else value.get("string"), name)
    if value is None or isinstance(value, bytes):
        return value or b""
    try:
        return text(value, name).encode()
    except UnicodeEncodeError:
        raise Malformed(f"{name} holds half a surrogate pair") from None


def _from_base64(encoded: str, name: str) -> bytes:
    try:
        return base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        raise Malformed(f"{name} is not Base64") from None


def _recorded_at(item: dict[str, Any]) -> float | None:
    """Ruby's cassettes tell it as in HTTP headers."""
    written = item.get("recorded_at")
    try:
        return (
            parsedate_to_datetime(written).timestamp() if isinstance(written, str) else moment(written, "recorded_at")
        )
    except (ValueError, TypeError, IndexError):
        return None
