"""Reads the documented values of an answer from its bytes, or raises why it is not the API's. Section: Response."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from ni_contract.client.errors import CHECK, BrokenAnswer, IncompleteAnswer, WrongContentType, WrongHttpStatus
from ni_contract.client.generated import operations as api
from ni_contract.client.operation import Operation
from ni_contract.contract.vocabulary import XML, XML_TYPES
from ni_contract.exchanges.request import refuse_constant, split_media_type
from ni_contract.exchanges.values import Answer, header
from ni_contract.exchanges.xml_document import Element, MalformedXml, parse_xml

Fields = Mapping[str, object]

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_SHOWN = 80


def read_answer(answer: Answer, operation: Operation, mask: Callable[[str], str]) -> Fields:
    """The values in *answer* by their documented names. Where an error shows a part of it, it goes through *mask*.

    Raises WrongHttpStatus, WrongContentType, BrokenAnswer or IncompleteAnswer.
    """
    if answer.http_status not in operation.http_statuses:
        sentence = f"HTTP status {answer.http_status}: that is a gateway or another service, not the API"
        raise WrongHttpStatus(f"{sentence}; {CHECK}, and try later", answer.http_status)
    expected = operation.answer_types[0]
    media_type, _ = split_media_type(header(answer.headers, "content-type") or "")
    if (XML if media_type in XML_TYPES else media_type) not in operation.answer_types:
        raise WrongContentType(f"the Content-Type is {mask(media_type)[:_SHOWN]!r}, not {expected}; {CHECK}")
    read = _xml_values if expected.endswith("xml") else _json_values
    return read(answer.body)


def _json_values(body: bytes) -> Fields:
    members: object = None
    with suppress(ValueError, RecursionError):  # Python's own error would contain the whole body
        members = json.loads(body.decode("utf-8-sig"), object_pairs_hook=tuple, parse_constant=refuse_constant)
    if not isinstance(members, tuple):  # a JSON object becomes a tuple of its members, a list stays a list
        raise BrokenAnswer(f"the body is no JSON object, or was cut off; try again, or {CHECK}")
    _refuse_repeated("a key", [name for name, _ in members])
    return dict(members)


def _refuse_repeated(what: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise BrokenAnswer(f"{what} is repeated, and which of the two counts nobody can say: report it")


def _xml_values(body: bytes) -> Fields:
    root = Element()
    with suppress(MalformedXml):
        root = parse_xml(body)
    if root.name not in api.XML_ROOTS:
        raise BrokenAnswer(f"the body is no whole <{api.XML_ROOTS[0]}> in XML without a DTD; try again, or {CHECK}")
    wanted = {element for element, _ in api.XML_VALUES.values()}
    _refuse_repeated("an element", [child.name for child in root.children if child.name in wanted])
    elements = {child.name: child for child in root.children}
    found: dict[str, object] = {}
    for name, (place, attribute) in api.XML_VALUES.items():
        if element := elements.get(place):
            value = element.attributes.get(attribute) if attribute else element.text
            is_whole = name in api.INTEGERS and _WHOLE.fullmatch(value or "")
            found[name] = int(value or "") if is_whole else value
    return found


def integer(fields: Fields, name: str) -> int:
    """The integer *name*. Raises IncompleteAnswer if it is missing or something else; `false` and `0.0` are that."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise IncompleteAnswer(f"the answer has no {name} that is a whole number; {CHECK}")
    return value


def text(fields: Fields, name: str) -> str:
    """The text *name* of a success. Raises IncompleteAnswer if it is missing, empty or something else."""
    value = text_or_none(fields, name)
    if value is None:
        raise IncompleteAnswer(f"the answer says success, but its {name} is missing, empty or no text; {CHECK}")
    return value


def text_or_none(fields: Fields, name: str) -> str | None:
    """The text *name* of a refusal, None where it is missing: only the status is mandatory there."""
    value = fields.get(name)
    if isinstance(value, str) and value.strip():
        return value
    return None
