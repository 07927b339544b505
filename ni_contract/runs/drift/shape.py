"""An answer split into places: its headers, and each key, element and attribute with its type and value."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.exchanges.xml_document import Element, MalformedXml, parse_xml

MAX_DEPTH: Final = 10
MAX_PLACES: Final = 2_000
_UUID_4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Place:
    """One key, element or attribute: its type in JSON's terms, and its value as text ("" for one with parts)."""

    type: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """The compared parts of an answer: *places* by JSON path or XPath, *headers* by lower-case name.

    *order* is that of a JSON object's keys; *form* names the type of the body.
    """

    http_status: int
    headers: Mapping[str, str]
    form: str
    places: Mapping[str, Place] = field(default_factory=dict)
    order: tuple[str, ...] = ()


def shape_of(exchange: Exchange, answer: Answer) -> AnswerShape:
    headers = {name.lower(): value for name, value in reversed(answer.headers)}
    form, places, order = _body(answer.body, exchange.request.url.partition("?")[0].endswith("/xml"))
    return AnswerShape(answer.http_status, headers, form, places, order)


_Body = tuple[str, dict[str, Place], tuple[str, ...]]


def _body(body: bytes, is_xml: bool) -> _Body:
    if not body.strip():
        return "empty", {}, ()
    if is_xml:
        return _xml(body)
    return _json(body)


def _json(body: bytes) -> _Body:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return "not JSON", {"body": Place("text", _start(body))}, ()
    order = tuple(value) if isinstance(value, dict) else ()
    return "JSON", _bounded(_members("$", value)), order


def _members(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Place]]:
    name = path.rpartition(".")[2]
    if isinstance(value, dict) and depth < MAX_DEPTH:
        yield path, Place("object")
        for key, member in value.items():
            yield from _members(f"{path}.{key}", member, depth + 1)
    elif isinstance(value, list) and depth < MAX_DEPTH:
        yield path, Place("array")
        for number, item in enumerate(value):
            yield from _members(f"{path}[{number}]", item, depth + 1)
    else:
        yield path, Place(_TYPES.get(type(value), "object"), _shown(name, value))


def _xml(body: bytes) -> _Body:
    try:
        root = parse_xml(body)
    except MalformedXml:
        return "not XML", {"body": Place("text", _start(body))}, ()
    return f"XML, root {root.name}", _bounded(_elements("/*", root)), ()


def _elements(path: str, element: Element) -> Iterator[tuple[str, Place]]:
    for name, value in element.attributes.items():
        yield f"{path}/@{name}", Place("attribute", value)
    for child in element.children:
        yield f"{path}/{child.name}", Place("element", _shown(child.name, child.text.strip()))
        yield from _elements(f"{path}/{child.name}", child)


def _bounded(places: Iterable[tuple[str, Place]]) -> dict[str, Place]:
    return dict(place for place, _ in zip(places, range(MAX_PLACES), strict=False))


def _shown(name: str, value: Any) -> str:
    """The value; of a request id, which is new each time, only its form."""
    text = value if isinstance(value, str) else json.dumps(value)
    if name != "request_id" or not isinstance(value, str):
        return text
    if _UUID_4.fullmatch(text):
        return "a version 4 UUID"
    return re.sub(r"[0-9a-zA-Z]+", "x", text) or "empty"


def _start(body: bytes) -> str:
    return body[:80].decode("utf-8", "replace")
