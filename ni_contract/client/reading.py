"""Reads the documented values of an answer from its bytes, or raises why it is not the API's. Section: Response."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ni_contract.client.errors import CHECK, BrokenAnswer, IncompleteAnswer, WrongContentType, WrongHttpStatus
from ni_contract.client.operation import Api, Operation, XmlShape
from ni_contract.exchanges.values import Answer, header

if TYPE_CHECKING:
    from ni_contract.exchanges.xml_document import Document, Element

Fields = Mapping[str, object]

# The same format by another name (RFC 7303, section 9.2).
_SAME_TYPE = {"application/xml": "text/xml"}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_SHOWN = 80


def read_answer(answer: Answer, operation: Operation, api: Api, mask: Callable[[str], str]) -> Fields:
    """The values in *answer* by their documented names. Where an error shows a part of it, it goes through *mask*.

    Raises WrongHttpStatus, WrongContentType, BrokenAnswer or IncompleteAnswer.
    """
    if answer.http_status not in operation.http_statuses:
        raise WrongHttpStatus(
            f"HTTP status {answer.http_status} instead of {operation.http_statuses[0]}: that is a gateway or another "
            f"service, not the API; {CHECK}, and try later",
            answer.http_status,
        )
    _check_type(answer, operation, mask)
    if not answer.body.strip():
        raise BrokenAnswer(f"the body is empty: that is not the API's answer; {CHECK}")
    if operation.xml is None:
        return _json_values(answer.body)
    return _xml_values(answer.body, operation.xml, api)


def _check_type(answer: Answer, operation: Operation, mask: Callable[[str], str]) -> None:
    given = header(answer.headers, "content-type")
    media_type = (given or "").partition(";")[0].strip().lower()
    if _SAME_TYPE.get(media_type, media_type) not in operation.answer_types:
        label = f"labelled {mask(media_type)[:_SHOWN]!r}" if media_type else "not labelled"
        raise WrongContentType(f"the answer is {label}, not as {operation.answer_types[0]}; {CHECK}")


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object in order, repeated ones too."""


def _json_values(body: bytes) -> Fields:
    members = _parsed(body)
    if not isinstance(members, _Members):
        raise BrokenAnswer(f"the body is no JSON object, or was cut off; try again, or {CHECK}")
    values = dict(members)
    if len(values) < len(members):
        raise BrokenAnswer("a key is repeated, and which of the two counts nobody can say: report it")
    return values


def _parsed(body: bytes) -> object:
    """The JSON value in *body*, None where it is no JSON: Python's own error would contain the whole body."""
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_Members, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _xml_values(body: bytes, shape: XmlShape, api: Api) -> Fields:
    document = _document(body)
    if document is None:
        raise BrokenAnswer(f"the body is not XML, was cut off, or has a DTD; try again, or {CHECK}")
    if document.root not in shape.roots:
        raise BrokenAnswer(f"the body is XML with another root than {shape.roots[0]}; {CHECK}")
    elements = _by_name(document, {value.element for value in shape.values})
    found: dict[str, object] = {}
    for value in shape.values:
        element = elements.get(value.element)
        if element is not None:
            text = element.text if value.attribute is None else element.attributes.get(value.attribute)
            found[value.name] = _whole(text) if value.name in api.integers else text
    return found


def _document(body: bytes) -> Document | None:
    # Imported here, because the package loads all numbering plans, which readers of JSON do not need.
    from ni_contract.exchanges.xml_document import MalformedXml, parse_xml

    try:
        return parse_xml(body)
    except MalformedXml:
        return None


def _by_name(document: Document, wanted: Iterable[str]) -> dict[str, Element]:
    elements = [child for child in document.children if child.name in wanted]
    by_name = {element.name: element for element in elements}
    if len(by_name) < len(elements):
        raise BrokenAnswer("an element is repeated, and which of the two counts nobody can say: report it")
    return by_name


def _whole(text: str | None) -> object:
    """*text* as an integer where it is written as one; else unchanged, so that `integer` refuses it."""
    if text is not None and _WHOLE.fullmatch(text):
        return int(text)
    return text


def integer(fields: Fields, name: str) -> int:
    """The integer *name*. Raises IncompleteAnswer if it is missing or something else; `false` and `0.0` are that."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise IncompleteAnswer(f"the answer has no {name} that is a whole number; {CHECK}")
    return value


def text(fields: Fields, name: str) -> str:
    """The text *name* of a success. Raises IncompleteAnswer if it is missing, empty or something else."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise IncompleteAnswer(f"the answer says success, but its {name} is missing, empty or no text; {CHECK}")
    return value


def text_or_none(fields: Fields, name: str) -> str | None:
    """The text *name* of a refusal, None where it is missing: only the status is mandatory there."""
    value = fields.get(name)
    if isinstance(value, str) and value.strip():
        return value
    return None
