"""Renders a result as bytes, in JSON and in XML. Sections: Response; wire facts, JSON in this key order, XML."""

import json
import re
from functools import lru_cache
from os import urandom
from typing import Final, NamedTuple
from uuid import uuid4
from xml.sax.saxutils import escape

from ni_contract.contract.countries import countries
from ni_contract.contract.numbering import NumberFacts
from ni_contract.contract.vocabulary import ANSWER_TYPES, BUSY, HTTP_OK, SUCCESS
from ni_contract.simulator.asgi import Reply
from ni_contract.simulator.lookup import ApiResult

CONTENT_TYPES: Final = {name: media_type.encode() for name, media_type in ANSWER_TYPES.items()}
# Placeholder of the request id and of both forms of the number; as random as an id, so no request can contain it.
_HERE: Final = str(uuid4())
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTES: Final = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


class Template(NamedTuple):
    """A rendered result without its request id (*end* is b"": there is none)."""

    status: int
    content_type: bytes
    start: bytes
    end: bytes

    def reply(self) -> Reply:
        """One answer, with a new request id."""
        return Reply(HTTP_OK, ((b"content-type", self.content_type),), self.body())

    def body(self) -> bytes:
        """The bytes of one answer, with a new request id."""
        if not self.end:
            return self.start
        return b"%b%b%b" % (self.start, _new_id().encode(), self.end)


def _new_id() -> str:
    """A random UUID of version 4, in a third of the time of `uuid4`."""
    digits = urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def render(outcome: ApiResult, edition: str, wanted: str) -> Template:
    """*outcome* in the format *wanted* ("json" or "xml") as *edition* words it."""
    facts = outcome.facts
    if facts is None:
        return _template(outcome.status, wanted, *_written(outcome, edition, wanted).split(_HERE))
    start, between, after, end = _around_numbers(outcome.text, facts.country, facts.prefix, edition, wanted)
    return _template(SUCCESS, wanted, start, f"{between}{facts.international}{after}{facts.national}{end}")


def _template(status: int, wanted: str, before_id: str, after_id: str = "") -> Template:
    return Template(status, CONTENT_TYPES[wanted], before_id.encode(), after_id.encode())


@lru_cache(maxsize=2_048)
def _around_numbers(text: str, country: str, prefix: str, edition: str, wanted: str) -> list[str]:
    """What a success about a number of *country* has around request id and numbers, which need no escaping."""
    facts = NumberFacts(_HERE, _HERE, country, prefix, ())
    return _written(ApiResult(SUCCESS, text, facts), edition, wanted).split(_HERE)


def _written(outcome: ApiResult, edition: str, wanted: str) -> str:
    """*outcome* with placeholders."""
    has_id = outcome.status == SUCCESS or edition == "documented"
    request_id = _HERE if has_id else None
    if wanted == "json":
        return json.dumps(json_members(outcome, edition, request_id), ensure_ascii=False)
    return xml_document([xml_text(element) for element in xml_elements(outcome, request_id)])


def json_members(outcome: ApiResult, edition: str, request_id: str | None) -> dict[str, int | str]:
    """The members of the JSON answer, in order; *request_id* None: without one."""
    by_message = edition == "observed" or outcome.status in (SUCCESS, BUSY)
    members: dict[str, int | str] = {"status": outcome.status}
    members["status_message" if by_message else "error_text"] = outcome.text
    if request_id is not None:
        members["request_id"] = request_id
    if outcome.facts is not None:
        members["international_format_number"] = outcome.facts.international
        members["national_format_number"] = outcome.facts.national
        members.update(_country(outcome.facts))
    return members


class XmlElement(NamedTuple):
    """An element of the XML answer: name, text, attributes; all unescaped."""

    name: str
    text: str
    attributes: dict[str, str]


def xml_elements(outcome: ApiResult, request_id: str | None) -> list[XmlElement]:
    """The children of the XML answer's root, in order; *request_id* None: without one."""
    elements = [] if request_id is None else [XmlElement("request_id", request_id, {})]
    if outcome.facts is not None:
        elements.append(XmlElement("international_format_number", outcome.facts.international, {}))
        elements.append(XmlElement("local_number", outcome.facts.national, _country(outcome.facts)))
    return [*elements, XmlElement("error", outcome.text, {"code": str(outcome.status)})]


def xml_document(children: list[str], root: str = "format", declaration: str = DECLARATION) -> str:
    """The XML answer with the rendered *children*."""
    lines = "".join(f"  {child}\n" for child in children)
    return f"{declaration}<{root}>\n{lines}</{root}>\n"


def xml_text(element: XmlElement, around: str = "") -> str:
    """*element* rendered, with white space *around* its text."""
    attributes = "".join(f' {name}="{_attribute(value)}"' for name, value in element.attributes.items())
    return f"<{element.name}{attributes}>{around}{_escaped(element.text)}{around}</{element.name}>"


def _country(facts: NumberFacts) -> dict[str, str]:
    country = countries()[facts.country]
    return {
        "country_code": country.alpha_2,
        "country_code_iso3": country.alpha_3,
        "country_name": country.name,
        "country_prefix": facts.prefix,
    }


def _escaped(text: str) -> str:
    """*text* escaped; a bare carriage return would become a line feed, and XML cannot represent control characters."""
    return escape(_NOT_IN_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text), _ATTRIBUTES)
