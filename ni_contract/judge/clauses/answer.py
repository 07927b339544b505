"""Clauses about an answer alone: RES, ERR and XML. What was asked plays no part here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.request import split_media_type
from ni_contract.exchanges.response import NUMBER_KEYS, ParsedResponse
from ni_contract.judge.clauses.registry import (
    Stage,
    clause,
    json_document,
    readable,
    readable_json,
    refusal,
    served_json,
    served_xml,
    success,
    xml_document,
)
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check

AnswerCheck = Callable[[ParsedResponse], Result]
When = Callable[[ParsedResponse], bool]


class AnswerStage(Stage[AnswerCheck]):
    """Checks of an answer of which *applies* is true."""

    def __init__(self, applies: When) -> None:
        super().__init__()
        self.applies = applies


READABLE, READABLE_JSON = AnswerStage(readable), AnswerStage(readable_json)
SUCCESS, REFUSAL = AnswerStage(success), AnswerStage(refusal)
JSON_DOCUMENT, XML_DOCUMENT = AnswerStage(json_document), AnswerStage(xml_document)
SERVED_JSON, SERVED_XML = AnswerStage(served_json), AnswerStage(served_xml)
ANSWER_STAGES: Final = (
    READABLE,
    READABLE_JSON,
    SUCCESS,
    REFUSAL,
    JSON_DOCUMENT,
    XML_DOCUMENT,
    SERVED_JSON,
    SERVED_XML,
)

STATUSES: Final = (0, 1, 3, 4, 5, 9)
BUSY: Final = 1

# A text that has one of these words, in any case, speaks of that status.
TELLING_WORDS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), status)
    for pattern, status in (
        ("credential", 4),
        ("quota", 9),
        ("busy|throttl", 1),
        ("internal error", 5),
        (r"\bsuccess", 0),
    )
)
_SUCCESS = re.compile(r"\bsuccess", re.IGNORECASE)
OBSERVED_TEXTS: Final = {1: "Busy (Throttled) Please re-try", 4: "Invalid credentials"}

_ID_CHARACTERS = re.compile(r"[0-9A-Za-z-]+")
_INTERNATIONAL = re.compile(r"[1-9][0-9]{4,14}")
ALPHA_2, ALPHA_3 = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")
_PREFIX = re.compile(r"[1-9][0-9]{0,2}")
_CODE = re.compile(r"0|[1-9][0-9]*")
_MAX_ID_LENGTH = 40


@clause("NIB-RES-001", READABLE)
def http_200(answered: ParsedResponse) -> Result:
    return check(answered.http_status == 200, "HTTP status", "200, the body tells the status", answered.http_status)


@clause("NIB-RES-002", SERVED_JSON)
def json_content_type(answered: ParsedResponse) -> Result:
    content_type = answered.content_type or ""
    label, charset = split_media_type(content_type)
    good = label == "application/json" and content_type.startswith(label) and _utf8(charset)
    return check(good, "header Content-Type", "application/json, in lower case, with no charset or utf-8", content_type)


def _utf8(charset: str | None) -> bool:
    return charset is None or charset.lower() in ("utf-8", "utf8")


@clause("NIB-RES-003", SERVED_JSON)
def json_well_formed(answered: ParsedResponse) -> Result:
    return answered.problem or PASSED


@clause("NIB-RES-005", JSON_DOCUMENT)
def status_is_integer(answered: ParsedResponse) -> Result:
    status = answered.keys.get("status")
    return check(type(status) is int, "$.status", "an integer", _value(answered, "status"))


@clause("NIB-RES-006", READABLE)
def status_of_basic(answered: ParsedResponse) -> Result:
    expected = "one of " + ", ".join(map(str, STATUSES))
    return check(answered.status in STATUSES, answered.place("status"), expected, answered.status)


@clause("NIB-RES-008", READABLE)
def request_id_is_there(answered: ParsedResponse) -> Result:
    if "request_id" not in answered.keys and answered.status != 0:
        return NOT_APPLICABLE
    value = answered.keys.get("request_id")
    return check(isinstance(value, str), answered.place("request_id"), "a string", _value(answered, "request_id"))


@clause("NIB-RES-004", READABLE)
def request_id_length(answered: ParsedResponse) -> Result:
    value = answered.keys.get("request_id")
    if not isinstance(value, str):
        return NOT_APPLICABLE
    good = 1 <= len(value) <= _MAX_ID_LENGTH
    return check(good, answered.place("request_id"), f"a string of 1 to {_MAX_ID_LENGTH} characters", value)


@clause("NIB-RES-009", READABLE)
def request_id_characters(answered: ParsedResponse) -> Result:
    value = answered.keys.get("request_id")
    if not isinstance(value, str) or not value:
        return NOT_APPLICABLE
    good = bool(_ID_CHARACTERS.fullmatch(value))
    return check(good, answered.place("request_id"), "only 0-9, A-Z, a-z and -", value)


class _Missing:
    def __repr__(self) -> str:
        return "nothing: it is missing"


def _value(answered: ParsedResponse, name: str) -> object:
    return answered.keys.get(name, _Missing())


def _matches(name: str, pattern: re.Pattern[str], expected: str) -> AnswerCheck:
    def matches(answered: ParsedResponse) -> Result:
        value = answered.keys.get(name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return PASSED
        return Finding(answered.place(name), expected, shown(_value(answered, name)))

    return matches


_TEXT = re.compile(r"(?s).*\S.*")
_FORMATS: Final = (
    ("NIB-RES-010", NUMBER_KEYS[0], _INTERNATIONAL, "a string of 5 to 15 digits, no leading zero, no plus"),
    ("NIB-RES-011", NUMBER_KEYS[1], _TEXT, "a non-empty string"),
    ("NIB-RES-012", NUMBER_KEYS[2], ALPHA_2, "a string of two letters A-Z"),
    ("NIB-RES-013", NUMBER_KEYS[3], ALPHA_3, "a string of three letters A-Z"),
    ("NIB-RES-014", NUMBER_KEYS[4], _TEXT, "a non-empty string"),
    ("NIB-RES-015", NUMBER_KEYS[5], _PREFIX, "a string of 1 to 3 digits"),
)
for _clause_id, _name, _pattern, _expected in _FORMATS:
    clause(_clause_id, SUCCESS)(_matches(_name, _pattern, _expected))


@clause("NIB-RES-007", READABLE_JSON)
def message_of_0_and_1(answered: ParsedResponse) -> Result:
    return _text_is_there(answered, "status_message") if answered.status in (0, BUSY) else NOT_APPLICABLE


def _text_is_there(answered: ParsedResponse, name: str) -> Result:
    value = answered.keys.get(name)
    return check(
        isinstance(value, str) and value.strip() != "", f"$.{name}", "a non-empty string", _value(answered, name)
    )


def _is_absent(answered: ParsedResponse, name: str) -> Result:
    return check(name not in answered.keys, f"$.{name}", f"absent at status {answered.status}", _value(answered, name))


@clause("NIB-RES-016", READABLE_JSON)
def no_error_text_of_0_and_1(answered: ParsedResponse) -> Result:
    return _is_absent(answered, "error_text") if answered.status in (0, BUSY) else NOT_APPLICABLE


@clause("NIB-RES-017", SUCCESS)
def text_of_success(answered: ParsedResponse) -> Result:
    if not isinstance(answered.text, str) or not answered.text.strip():
        return NOT_APPLICABLE
    return check(bool(_SUCCESS.search(answered.text)), answered.place("status_message"), "'Success'", answered.text)


@clause("NIB-RES-018", READABLE)
def no_other_keys(answered: ParsedResponse) -> Result:
    return check(not answered.extras, "the answer's keys", "only the documented keys", answered.extras[:5])


@clause("NIB-RES-019", READABLE)
def no_key_twice(answered: ParsedResponse) -> Result:
    return check(not answered.duplicates, "the answer's keys", "each key once", answered.duplicates[:5])


@clause("NIB-ERR-001", READABLE_JSON)
def error_text_of_refusal(answered: ParsedResponse) -> Result:
    return NOT_APPLICABLE if answered.status in (0, BUSY) else _text_is_there(answered, "error_text")


@clause("NIB-ERR-002", READABLE_JSON)
def no_message_of_refusal(answered: ParsedResponse) -> Result:
    return NOT_APPLICABLE if answered.status in (0, BUSY) else _is_absent(answered, "status_message")


@clause("NIB-ERR-003", READABLE_JSON)
def message_always(answered: ParsedResponse) -> Result:
    return NOT_APPLICABLE if answered.status in (0, BUSY) else _text_is_there(answered, "status_message")


@clause("NIB-ERR-004", READABLE_JSON)
def error_text_never(answered: ParsedResponse) -> Result:
    return NOT_APPLICABLE if answered.status in (0, BUSY) else _is_absent(answered, "error_text")


@clause("NIB-ERR-005", REFUSAL)
def refusal_without_number(answered: ParsedResponse) -> Result:
    present = [name for name in NUMBER_KEYS if name in answered.keys]
    return check(not present, "the answer's keys", f"no number and no country at status {answered.status}", present)


@clause("NIB-ERR-006", REFUSAL)
def text_fits_status(answered: ParsedResponse) -> Result:
    text = answered.text
    if not isinstance(text, str) or not text.strip() or answered.status not in STATUSES:
        return NOT_APPLICABLE
    named = [status for pattern, status in TELLING_WORDS if pattern.search(text)] or [answered.status]
    at = answered.place("error_text")
    return check(answered.status in named, at, f"a text about status {answered.status}, not about {named[0]}", text)


@clause("NIB-ERR-007", REFUSAL)
def observed_text(answered: ParsedResponse) -> Result:
    expected = OBSERVED_TEXTS.get(answered.status or 0)
    if expected is None or not isinstance(answered.text, str):
        return NOT_APPLICABLE
    return check(answered.text == expected, answered.place("status_message"), repr(expected), answered.text)


@clause("NIB-ERR-009", REFUSAL)
def refusal_with_id(answered: ParsedResponse) -> Result:
    return check("request_id" in answered.keys, answered.place("request_id"), "present", _value(answered, "request_id"))


@clause("NIB-ERR-010", REFUSAL)
def refusal_without_id(answered: ParsedResponse) -> Result:
    return check(
        "request_id" not in answered.keys, answered.place("request_id"), "absent", _value(answered, "request_id")
    )


@clause("NIB-XML-001", SERVED_XML)
def xml_well_formed(answered: ParsedResponse) -> Result:
    return answered.problem or PASSED


@clause("NIB-XML-002", SERVED_XML)
def xml_content_type(answered: ParsedResponse) -> Result:
    content_type = answered.content_type or ""
    label, charset = split_media_type(content_type)
    good = label in ("text/xml", "application/xml") and content_type.startswith(label) and _utf8(charset)
    return check(good, "header Content-Type", "text/xml or application/xml, with no charset or utf-8", content_type)


@clause("NIB-XML-003", XML_DOCUMENT)
def xml_root(answered: ParsedResponse) -> Result:
    return check(answered.root in ("format", "lookup"), "/*", "the root element format (or lookup)", answered.root)


@clause("NIB-XML-004", XML_DOCUMENT)
def xml_code(answered: ParsedResponse) -> Result:
    code = answered.keys.get("status")
    good = isinstance(code, str) and bool(_CODE.fullmatch(code))
    return check(
        good, "/*/error/@code", "an element error with a number in its attribute code", _value(answered, "status")
    )


@clause("NIB-XML-005", XML_DOCUMENT)
def xml_text(answered: ParsedResponse) -> Result:
    good = isinstance(answered.text, str) and answered.text != ""
    return check(good, "/*/error", "the text of the status", answered.text)
