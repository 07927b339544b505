"""Clauses about an answer alone, except its form: labels, bytes, texts. The request does not matter here."""

import re
from collections.abc import Callable
from itertools import chain
from typing import Final

from ni_contract.contract.vocabulary import (
    BAD_CREDENTIALS,
    BAD_FORMAT,
    HTTP_OK,
    INVALID,
    JSON,
    OBSERVED_TEXTS,
    STATUSES,
    XML_ROOTS,
    XML_TYPES,
)
from ni_contract.exchanges.request import split_media_type
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check

AnswerCheck = Callable[[ParsedResponse], Result]
# Statuses are numbers that a provider may choose as it likes.
MAX_KINDS: Final = 1_000
_LABEL: Final = "header Content-Type"


class AnswerStage(Stage[AnswerCheck]):
    """Checks of an answer of which *applies* is true."""

    def __init__(self, applies: Callable[[ParsedResponse], bool]) -> None:
        super().__init__()
        self.applies = applies


READABLE = AnswerStage(lambda one: one.status is not None)
SUCCESS, REFUSAL = AnswerStage(lambda one: one.status == 0), AnswerStage(lambda one: one.status not in (None, 0))
SERVED_JSON = AnswerStage(lambda one: not one.is_xml and one.http_status == HTTP_OK)
SERVED_XML = AnswerStage(lambda one: one.is_xml and one.http_status == HTTP_OK)
# Under another HTTP status, XML without a status is a gateway's page.
XML_DOCUMENT = AnswerStage(
    lambda one: one.is_xml and one.problem is None and (one.http_status == HTTP_OK or one.status is not None)
)
ANSWER_STAGES: Final = (READABLE, SUCCESS, REFUSAL, XML_DOCUMENT, SERVED_JSON, SERVED_XML)
_checks: Final[dict[object, tuple[tuple[str, AnswerCheck], ...]]] = {}


def answer_checks(answered: ParsedResponse) -> tuple[tuple[str, AnswerCheck], ...]:
    """The checks of all stages that apply to *answered*: one list for all answers that the stages treat alike."""
    kind = (answered.is_xml, answered.http_status, answered.status, answered.problem is None)
    found = _checks.get(kind)
    if found is None:
        if len(_checks) >= MAX_KINDS:
            _checks.clear()
        found = _checks[kind] = tuple(chain.from_iterable(s.checks for s in ANSWER_STAGES if s.applies(answered)))
    return found


# A text with one of these words, in any case, is about that status.
TELLING_WORDS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), statuses)
    for pattern, *statuses in (
        # Status 3 may say that the credentials are missing.
        (r"(?s)^(?!.*\b(?:missing|mandatory|required|no)\b).*credential", 4),
        ("quota", 9),
        ("busy|throttl", 1),
        ("internal error", 5),
        # The words of status 3, which status 4 may have where the credentials are missing.
        ("mandatory parameters", 3, 4),
        (r"\bsuccess", 0),
    )
)
_NUMBER_FORMAT: Final = re.compile("recipient address|number format", re.IGNORECASE)
_SUCCESS = re.compile(r"\bsuccess", re.IGNORECASE)
# Credentials that are absent may be told by status 3 as by 4; a disabled account by 4 alone.
_ABSENT = re.compile(
    r"(?s)^(?!.*disabled).*(?:missing|mandatory|require|must|need|absent|omitted|lack|without|empty|incomplete|\bnot?\b|provide|supply|supplied|specify|specified|given)",
    re.IGNORECASE,
)


@clause("NIB-RES-001", READABLE)
def http_200(answered: ParsedResponse) -> Result:
    return check(answered.http_status == HTTP_OK, "HTTP status", "200, the body tells the status", answered.http_status)


@clause("NIB-RES-002", SERVED_JSON)
def json_content_type(answered: ParsedResponse) -> Result:
    content_type = answered.content_type or ""
    good = _is_labelled(content_type, (JSON,)) and content_type.startswith(JSON)
    return check(good, _LABEL, "application/json, in lower case, with no charset or utf-8", content_type)


def _is_labelled(content_type: str, labels: tuple[str, ...]) -> bool:
    """Whether *content_type* is one of *labels*, in UTF-8."""
    label, charset = split_media_type(content_type)
    return label in labels and (charset is None or charset.lower() in ("utf-8", "utf8"))


@clause("NIB-RES-003", SERVED_JSON)
@clause("NIB-XML-001", SERVED_XML)
def well_formed(answered: ParsedResponse) -> Result:
    return answered.problem or PASSED


@clause("NIB-RES-017", SUCCESS)
def text_of_success(answered: ParsedResponse) -> Result:
    if not isinstance(answered.text, str) or not answered.text.strip():
        return NOT_APPLICABLE
    return check(bool(_SUCCESS.search(answered.text)), answered.place("status_message"), "'Success'", answered.text)


@clause("NIB-RES-019", READABLE)
def no_key_twice(answered: ParsedResponse) -> Result:
    return check(not answered.duplicates, "the answer's keys", "each key once", answered.duplicates[:5])


@clause("NIB-ERR-006", REFUSAL)
def text_fits_status(answered: ParsedResponse) -> Result:
    text = answered.text
    if not isinstance(text, str) or not text.strip() or answered.status not in STATUSES:
        return NOT_APPLICABLE
    named = list(chain.from_iterable(statuses for pattern, statuses in TELLING_WORDS if pattern.search(text)))
    if not named and _NUMBER_FORMAT.search(text):
        named = [BAD_FORMAT, INVALID]
    if not named:
        named = [answered.status]
    if BAD_CREDENTIALS in named and _ABSENT.search(text):
        named.append(INVALID)
    at = answered.place("error_text")
    return check(answered.status in named, at, f"a text about status {answered.status}, not about {named[0]}", text)


@clause("NIB-ERR-007", REFUSAL)
def observed_text(answered: ParsedResponse) -> Result:
    expected = OBSERVED_TEXTS.get(answered.status or 0)
    if expected is None or not isinstance(answered.text, str):
        return NOT_APPLICABLE
    return check(answered.text == expected, answered.place("status_message"), repr(expected), answered.text)


@clause("NIB-XML-002", SERVED_XML)
def xml_content_type(answered: ParsedResponse) -> Result:
    content_type = answered.content_type or ""
    expected = "text/xml or application/xml, with no charset or utf-8"
    return check(_is_labelled(content_type, XML_TYPES), _LABEL, expected, content_type)


@clause("NIB-XML-003", XML_DOCUMENT)
def xml_root(answered: ParsedResponse) -> Result:
    return check(answered.root in XML_ROOTS, "/*", "the root element format (or lookup)", answered.root)
