"""Variants of an answer that every client has to understand, and bodies that only resemble an answer.

Sections: wire facts, Answer (extra keys, XML: what a reader accepts and refuses).
"""

import json
import re
from typing import Any, Final
from uuid import uuid4

from ni_contract.contract.catalogue import DOCUMENTED
from ni_contract.contract.vocabulary import SUCCESS, XML_TYPES
from ni_contract.simulator.asgi import Reply
from ni_contract.simulator.lookup import ApiResult
from ni_contract.simulator.render import (
    CONTENT_TYPES,
    DECLARATION,
    XmlElement,
    json_members,
    xml_document,
    xml_elements,
    xml_text,
)

# The facts of a success beside an invalid status.
WITH_FACTS: Final = "with-facts"
VARIANTS: Final = (
    "extra",
    "reversed",
    "shuffled",
    "spaced",
    "cdata",
    "labelled",
    "labelled-apart",
    "application-xml",
    "identified",
    "bare",
    "empty-children",
    "undeclared",
    "bom",
    "lookup-root",
    "other-root",
    "dtd",
    "no-status",
    "no-error",
    "no-facts",
    "no-text",
    "text-status",
    "boolean-status",
    WITH_FACTS,
)
_LABELS: Final = {
    ("labelled", "json"): b"application/json;charset=UTF-8",
    ("labelled", "xml"): b"text/xml; charset=UTF-8",
    ("labelled-apart", "json"): b"application/json; charset=utf-8",
    ("labelled-apart", "xml"): b"text/xml;charset=utf-8",
    ("application-xml", "xml"): XML_TYPES[1].encode(),
}
_TEXTS: Final = ("status_message", "error_text")
_BARE: Final = ("bare", "empty-children")
_IDENTIFIED: Final = ("identified", WITH_FACTS)
_STATUS_TYPES: Final[dict[str | None, type]] = {"text-status": str, "boolean-status": bool}
_ROOTS: Final = {"lookup-root": "lookup", "other-root": "response"}
_DTD: Final = '<!DOCTYPE format [<!ENTITY where "Success">]>\n'
# Unknown members before and after those of the API. Objects in them have no names of the API, which a client that reads
# by patterns would find.
_UNKNOWN_FIRST: Final = {"status_code": 7, "carrier": {"name": "Example", "codes": [1, 2]}}
_UNKNOWN_LAST: Final[dict[str, Any]] = {"price": None, "ported": True, "more": {"none": {}, "nobody": []}}
# The value of an unknown attribute, written with a > before it: that may be escaped, and need not be.
_YEAR: Final = "2027"
# A comment has no meaning, whatever it contains.
_COMMENT: Final = '<!-- <error code="7">no</error> -->'
# What stands before the root.
_HEADS: Final = {
    "undeclared": "",
    "dtd": _DTD,
    "extra": f"{DECLARATION}{_COMMENT}\n",
    "spaced": "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n",
}
# Unknown elements with others in them, none of a name of the API: a client may look for such elements at any depth.
_UNKNOWN_CHILDREN: Final = (
    _COMMENT,
    '<carrier code="7"><name>Example</name><x:none xmlns:x="urn:example" /></carrier>',
)
_UNKNOWN_CHILD: Final = '<more code="7"><number code="7">7</number><none/></more>'
# Several kilobytes in all: a client that reads only the first of them gets half an answer.
_INDENT: Final = 500
_SPACE: Final = "\n" + _INDENT * " "


def render_variant(outcome: ApiResult, edition: str, wanted: str, shape: str | None) -> Reply:
    """*outcome* in the format *wanted* ("json" or "xml") as *edition* words it, in the variant *shape*.

    A variant that the format lacks changes nothing: a JSON answer has no root element, for example.
    """
    has_id = shape not in _BARE and (outcome.status == SUCCESS or edition == DOCUMENTED or shape in _IDENTIFIED)
    request_id = str(uuid4()) if has_id else None
    if shape == "no-facts":
        outcome = outcome._replace(facts=None)
    write = _as_json if wanted == "json" else _as_xml
    label = _LABELS.get((shape or "", wanted), CONTENT_TYPES[wanted])
    return Reply(200, ((b"content-type", label),), write(outcome, edition, request_id, shape))


def _as_json(outcome: ApiResult, edition: str, request_id: str | None, shape: str | None) -> bytes:
    members: dict[str, Any] = dict(json_members(outcome, edition, request_id))
    if shape == "extra":
        members = {**_UNKNOWN_FIRST, **members, **_UNKNOWN_LAST}
    elif shape == "reversed":
        members = dict(reversed(members.items()))
    elif shape == "shuffled":
        members = {"status": outcome.status, **dict(reversed(members.items()))}
    elif shape == "no-status":
        del members["status"]
    elif shape == "no-text":
        members = {name: value for name, value in members.items() if name not in _TEXTS}
    elif shape in _STATUS_TYPES:
        members["status"] = _STATUS_TYPES[shape](outcome.status)
    if shape == "spaced":
        return f"\r\n{_escaped(members)}\n".encode()
    return json.dumps(members, ensure_ascii=False).encode()


def _escaped(members: dict[str, Any]) -> str:
    """*members* over several lines, with escapes that JSON permits but does not need."""
    text = json.dumps(members, indent=_INDENT)
    for value in (member for member in members.values() if isinstance(member, str)):
        text = text.replace(json.dumps(value), json.dumps(value).replace(" ", "\\u0020"))
    return text


def _as_xml(outcome: ApiResult, _edition: str, request_id: str | None, shape: str | None) -> bytes:
    elements = xml_elements(outcome, request_id)
    if shape == "reversed":
        elements = [one._replace(attributes=dict(reversed(one.attributes.items()))) for one in reversed(elements)]
    elif shape == "shuffled":
        elements.append(elements.pop(0))
    elif shape == "extra":
        elements = [one._replace(attributes={"as_of": _YEAR, **one.attributes}) for one in elements]
    elif shape == "no-status":
        elements[-1].attributes.clear()
    elif shape == "no-error":
        del elements[-1]
    elif shape == "empty-children":
        names = ("request_id", "international_format_number", "local_number")
        elements[:0] = [XmlElement(name, "", {}) for name in names]
    elif shape == "no-text":
        elements[-1] = elements[-1]._replace(text="")
    children = [xml_text(element, _SPACE if shape == "spaced" else "") for element in elements]
    if shape == "spaced":
        children = [_spelled(child) for child in children]
    if shape == "extra":
        children = [child.replace("</", f"{_COMMENT}</").replace(_YEAR, f">{_YEAR}", 1) for child in children]
        children = [*_UNKNOWN_CHILDREN, *children, _UNKNOWN_CHILD]
    if shape == "cdata":
        children[-1] = re.sub(">.*</", lambda _: f"><![CDATA[{outcome.text}]]></", children[-1], flags=re.DOTALL)
    if shape == "dtd":
        children[-1] = children[-1].replace(">Success<", ">&where;<")
    return _document(children, shape)


def _spelled(child: str) -> str:
    """*child* as XML permits it too: other quotes, more lines, blanks in the tags, references to characters, CDATA."""
    child = re.sub(' (\\w+)="([^"]*)"', r"\n\t\1='\2'", child.replace("'", "&apos;"))
    child = child.replace("code='", "code = '").replace("07700", "&#48;7700").replace("\u00f4", "&#xF4;")
    child = child.replace("'>", "' >")
    child = re.sub("(<international_format_number>)(.*)</", r"\1<![CDATA[\2]]></", child, flags=re.DOTALL)
    return f"{child[:-1]} >"


def _document(children: list[str], shape: str | None) -> bytes:
    text = xml_document(children, _ROOTS.get(shape or "", "format"), _HEADS.get(shape or "", DECLARATION))
    if shape == "extra":
        text = text.replace("<format>\n ", '<format since="2027">\n ')
    return (b"\xef\xbb\xbf" if shape == "bom" else b"") + text.encode()
