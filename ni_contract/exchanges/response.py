"""Parses an answer once for all clauses: documented names to values, from JSON or XML."""

import json
import re
from collections import Counter
from dataclasses import InitVar, dataclass, field
from typing import Any, Final

from ni_contract.contract.vocabulary import HTTP_OK
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.request import refuse_constant, split_media_type
from ni_contract.exchanges.values import Answer
from ni_contract.exchanges.xml_document import Element, MalformedXml, parse_xml

MAX_BODY_BYTES: Final = 1_000_000

NUMBER_KEYS: Final = (
    "international_format_number",
    "national_format_number",
    "country_code",
    "country_code_iso3",
    "country_name",
    "country_prefix",
)
KEYS: Final = frozenset({"status", "status_message", "error_text", "request_id", *NUMBER_KEYS})

_XML_PLACES: Final = {
    "status": "/*/error/@code",
    "status_message": "/*/error",
    "error_text": "/*/error",
    "request_id": "/*/request_id",
    "international_format_number": "/*/international_format_number",
    "national_format_number": "/*/local_number",
    **{name: f"/*/local_number/@{name}" for name in NUMBER_KEYS[2:]},
}
_ONCE: Final = ("request_id", "international_format_number", "local_number", "error")
_COUNTRY_ATTRIBUTES: Final = frozenset(NUMBER_KEYS[2:])
_CODE: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(slots=True, eq=False, repr=False)
class ParsedResponse:
    """A parsed answer. *status* is parsed leniently, so that one fault is reported once."""

    answer: InitVar[Answer]
    is_xml: bool
    http_status: int = field(init=False)
    content_type: str | None = field(init=False)
    looks_like_other_format: bool = field(init=False)
    problem: Finding | None = None
    keys: dict[str, Any] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    root: str = ""
    text: Any = None
    status: int | None = None

    def __post_init__(self, answer: Answer) -> None:
        self.http_status = answer.http_status
        # The values of all headers of this name, each once.
        found = dict.fromkeys(value for name, value in answer.headers if name.lower() == "content-type")
        self.content_type = ", ".join(found) if found else None
        self.looks_like_other_format = answer.body[:100].lstrip()[:1] == (b"{" if self.is_xml else b"<")
        if len(answer.body) > MAX_BODY_BYTES:
            self.problem = Finding("body", f"at most {MAX_BODY_BYTES} bytes", f"{len(answer.body)} bytes")
            return
        read = _read_xml if self.is_xml else _read_json
        try:
            read(self, answer.body)
        except UnicodeDecodeError as error:
            self.problem = Finding("body", "UTF-8", f"byte {answer.body[error.start]:#04x} at offset {error.start}")

    def place(self, name: str) -> str:
        """The place of the documented key *name*: a JSON path or an XPath."""
        if self.is_xml:
            return _XML_PLACES[name]
        return f"$.{name}"


def _read_json(answered: ParsedResponse, body: bytes) -> None:
    text = body.decode("utf-8")
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        why = f"{error}: {shown(body[:2000].decode('utf-8', 'replace'))}" if body else "an empty body"
        answered.problem = Finding("body", "one JSON object", why)
    else:
        _take_json(answered, value)


class _Repeating(dict[str, Any]):
    """A JSON object with repeated names."""

    duplicates: list[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeating = _Repeating(result)
    counts = Counter(name for name, _ in pairs)
    repeating.duplicates = sorted(name for name, count in counts.items() if count > 1)
    return repeating


# Created once: creating a decoder takes as long as decoding an answer.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=refuse_constant)


def _take_json(answered: ParsedResponse, value: Any) -> None:
    if not isinstance(value, dict):
        answered.problem = Finding("$", "one JSON object", shown(value))
        return
    answered.keys = value
    if isinstance(value, _Repeating):
        answered.duplicates = value.duplicates
    if not value.keys() <= KEYS:
        answered.extras = [name for name in value if name not in KEYS]
    answered.text = value.get("status_message", value.get("error_text"))
    answered.status = _lenient_status(value.get("status"))
    # An RFC 9457 problem document repeats the HTTP status: it comes from a gateway or framework, not the API.
    if answered.http_status != HTTP_OK and answered.status == answered.http_status:
        answered.status = None


def _lenient_status(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and value == value // 1:
        return int(value)
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return None


def _read_xml(answered: ParsedResponse, body: bytes) -> None:
    # The charset of the header counts, not that of the declaration (RFC 7303).
    charset = split_media_type(answered.content_type or "")[1] or ""
    if charset.lower() == "utf-8":
        body.decode("utf-8")
    try:
        root = parse_xml(body)
    except MalformedXml as error:
        start = shown(body[:2000].decode("utf-8", "replace")) if body else "an empty body"
        answered.problem = Finding("body", "one well-formed XML document without a DTD", f"{error}: {start}")
    else:
        _take_xml(answered, root)


def _take_xml(answered: ParsedResponse, root: Element) -> None:
    answered.root = root.name
    names = [child.name for child in root.children]
    answered.duplicates = [name for name in _ONCE if names.count(name) > 1]
    for child in root.children:
        if child.name == "local_number":
            _take(answered, "national_format_number", child)
            _take_attributes(answered, child)
        elif child.name == "error":
            _take_error(answered, child)
        elif child.name in ("request_id", "international_format_number"):
            _take(answered, child.name, child)
        else:
            answered.extras.append(child.name)


def _take(answered: ParsedResponse, name: str, element: Element) -> None:
    if element.value:
        answered.keys.setdefault(name, element.value)


def _take_attributes(answered: ParsedResponse, element: Element) -> None:
    for name, value in element.attributes.items():
        if name not in _COUNTRY_ATTRIBUTES:
            answered.extras.append(f"{element.name}/@{name}")
        elif value:
            answered.keys.setdefault(name, value)


def _take_error(answered: ParsedResponse, element: Element) -> None:
    if answered.text is not None:
        return
    answered.text = answered.keys["status_message"] = element.value
    code = element.attributes.get("code")
    if code is not None:
        answered.status = _lenient_status(code)
        answered.keys["status"] = code if answered.status is None else answered.status
    answered.extras.extend(f"error/@{name}" for name in element.attributes if name != "code")
