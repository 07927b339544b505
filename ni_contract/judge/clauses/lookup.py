"""Clauses about a whole lookup of a client: what it made of what its user asked, and what it told of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ni_contract.contract.numbering import interpret
from ni_contract.exchanges.client_lookup import MissingOutcome, Outcome
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.response import NUMBER_KEYS
from ni_contract.judge.clauses.request import NUMBER_CHARACTERS
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import (
    BUSY_KIND,
    CUT_OFF,
    DTD,
    ELSEWHERE,
    EMPTY,
    GATEWAY,
    NO_STATUS,
    OTHER_STATUS,
    REFUSAL,
    RESET,
    SUCCESS_KIND,
    TIMEOUT,
    WRONG_LABEL,
    ObservedLookup,
)

LookupCheck = Callable[[ObservedLookup], Result]
LOOKUP_CHECKS: Final[list[tuple[str, LookupCheck]]] = []

# A retry too many costs the account; nobody needs more to find out that it goes on being busy.
MAX_REQUESTS: Final = 10
# HTTP's own words for "busy": Too Many Requests and Service Unavailable (RFC 6585, RFC 9110).
_BUSY_HTTP: Final = (429, 503)
_WITHOUT_ANSWER: Final = (RESET, TIMEOUT, CUT_OFF)

TOLD_AS_SUCCESS, FACTS_TOLD = "NIB-CLI-023", "NIB-CLI-024"
REASON_CLAUSES: Final = {
    "error_text": "NIB-CLI-029",
    "status_message": "NIB-CLI-030",
    "busy": "NIB-CLI-031",
    "xml": "NIB-CLI-032",
}
# Variants of a success, by the shape that makes them; a format that does not know a shape writes a plain success.
_VARIANTS: Final = {
    "extra": "NIB-CLI-034",
    "reversed": "NIB-CLI-035",
    "spaced": "NIB-CLI-036",
    "labelled": "NIB-CLI-037",
    "undeclared": "NIB-CLI-046",
    "bom": "NIB-CLI-046",
    "lookup-root": "NIB-CLI-047",
    "application-xml": "NIB-CLI-049",
}
_REFUSAL_VARIANTS: Final = {"bare": "NIB-CLI-038", "extra": "NIB-CLI-034"}
_XML_ONLY: Final = ("undeclared", "bom", "lookup-root", "application-xml")


def _clause(clause_id: str) -> Callable[[LookupCheck], LookupCheck]:
    def register(check_: LookupCheck) -> LookupCheck:
        LOOKUP_CHECKS.append((clause_id, check_))
        return check_

    return register


# ---------------------------------------------------------------- what was asked


@_clause("NIB-CLI-016")
def number_is_passed_on(seen: ObservedLookup) -> Result:
    if seen.witnessed.lookup.country is not None:
        return NOT_APPLICABLE
    return _asks_the_same(seen, "the number that the client was given")


@_clause("NIB-CLI-017")
def country_is_passed_on(seen: ObservedLookup) -> Result:
    if seen.witnessed.lookup.country is None:
        return NOT_APPLICABLE
    return _asks_the_same(seen, "the country that was given, or the number in international form")


def _asks_the_same(seen: ObservedLookup, what: str) -> Result:
    lookup = seen.witnessed.lookup
    if not seen.readings:
        return Finding("request", f"a request that asks about {shown(lookup.number)}", "no request came")
    reading = next((one for one in seen.readings if one.is_lookup), None)
    number = "" if reading is None else reading.asked.get("number") or ""
    if reading is None or reading.asked.problem or not NUMBER_CHARACTERS.fullmatch(number):
        return NOT_APPLICABLE
    country = reading.asked.get("country")
    sent = interpret(number, country.upper() if country else None).facts
    meant = interpret(lookup.number, lookup.country).facts
    good = sent is not None and meant is not None and sent.international == meant.international
    given = shown(lookup.number) + (f" in {lookup.country}" if lookup.country else "")
    actual = shown(number) + (f" in {shown(country)}" if country else " without a country")
    return PASSED if good else Finding("parameters number and country", f"{what}: {given}", actual)


@_clause("NIB-CLI-021")
def one_request(seen: ObservedLookup) -> Result:
    if not seen.readings or seen.kinds[0] == ELSEWHERE:
        return NOT_APPLICABLE
    if BUSY_KIND not in seen.kinds and len(seen.readings) > MAX_REQUESTS:
        return Finding("requests", f"one, and never more than {MAX_REQUESTS}", f"{len(seen.readings)} of them")
    for number, (reading, kind) in enumerate(zip(seen.readings[:-1], seen.kinds, strict=False), 2):
        if not _may_be_repeated(reading, kind):
            return Finding(f"request {number}", "no second request after an answer other than Busy", f"after {kind}")
    return PASSED


def _may_be_repeated(reading: EvaluationContext, kind: str) -> bool:
    """HTTP libraries repeat what got no answer by themselves, which nobody can forbid."""
    http_status = reading.answered.http_status if reading.answered is not None else None
    return kind in (BUSY_KIND, *_WITHOUT_ANSWER) or http_status in _BUSY_HTTP


@_clause("NIB-CLI-022")
def retries_end(seen: ObservedLookup) -> Result:
    if BUSY_KIND not in seen.kinds:
        return NOT_APPLICABLE
    if len(seen.readings) > MAX_REQUESTS:
        return Finding("requests", f"at most {MAX_REQUESTS} while the API is busy", f"{len(seen.readings)} of them")
    late = isinstance(seen.witnessed.told, MissingOutcome) and seen.witnessed.told.kind == "late"
    return Finding("outcome", "an end, when the API goes on being busy", _words(seen)) if late else PASSED


# ---------------------------------------------------------------- what was told of a success


@_clause(TOLD_AS_SUCCESS)
def success_is_told(seen: ObservedLookup) -> Result:
    if not _is_plain_success(seen):
        return NOT_APPLICABLE
    good = seen.told is not None and seen.told.ok
    return PASSED if good else Finding("outcome", "a success, for the status is 0", _words(seen))


def _is_plain_success(seen: ObservedLookup) -> bool:
    return seen.kind == SUCCESS_KIND and _variant(seen) is None


def _variant(seen: ObservedLookup) -> str | None:
    """The clause to which this way of writing a success belongs."""
    shape = seen.witnessed.shape or ""
    if shape in _XML_ONLY and not seen.answered.is_xml:
        return None
    return _VARIANTS.get(shape)


@_clause(FACTS_TOLD)
def facts_are_told(seen: ObservedLookup) -> Result:
    if not _is_plain_success(seen) or seen.told is None or not seen.told.ok:
        return NOT_APPLICABLE
    return _wrong_fact(seen, seen.told) or PASSED


def _wrong_fact(seen: ObservedLookup, told: Outcome) -> Finding | None:
    result = told.result or {}
    for name in NUMBER_KEYS:
        answered, value = seen.answered.keys.get(name), result.get(name)
        if not isinstance(value, str) or value != answered:
            return Finding(f"result, {name}", f"{shown(answered)}, as in the answer", _fact(result, name))
    return None


def _fact(result: Mapping[str, object], name: str) -> str:
    return shown(result[name]) if name in result else "nothing"


@_clause("NIB-CLI-025")
def request_id_is_told(seen: ObservedLookup) -> Result:
    if not _is_plain_success(seen) or seen.told is None or not seen.told.ok:
        return NOT_APPLICABLE
    result, expected = seen.told.result or {}, seen.answered.keys.get("request_id")
    good = result.get("request_id") == expected
    return PASSED if good else Finding("result, request_id", shown(expected), _fact(result, "request_id"))


def _check_variant(clause_id: str, seen: ObservedLookup) -> Result:
    """A client that does not understand the plain success either is not blamed twice."""
    if seen.kind != SUCCESS_KIND or _variant(seen) != clause_id:
        return NOT_APPLICABLE
    if not {TOLD_AS_SUCCESS, FACTS_TOLD} <= set(seen.held):
        return NOT_APPLICABLE
    if seen.told is None or not seen.told.ok:
        return Finding("outcome", "a success, as of the same answer written plainly", _words(seen))
    return _wrong_fact(seen, seen.told) or PASSED


LOOKUP_CHECKS.extend((i, partial(_check_variant, i)) for i in dict.fromkeys(_VARIANTS.values()))


# ---------------------------------------------------------------- what was told of a refusal


def _is_no_success(seen: ObservedLookup) -> Result:
    if isinstance(seen.witnessed.told, MissingOutcome):
        return Finding("outcome", "a failure that is told", _words(seen))
    return PASSED if not seen.witnessed.told.ok else Finding("outcome", "no success", _words(seen))


@_clause("NIB-CLI-026")
def busy_is_no_success(seen: ObservedLookup) -> Result:
    late = isinstance(seen.witnessed.told, MissingOutcome) and seen.witnessed.told.kind == "late"
    return NOT_APPLICABLE if seen.kind != BUSY_KIND or late else _is_no_success(seen)


@_clause("NIB-CLI-027")
def refusal_is_no_success(seen: ObservedLookup) -> Result:
    return _is_no_success(seen) if seen.kind == REFUSAL else NOT_APPLICABLE


@_clause("NIB-CLI-028")
def other_status_is_no_success(seen: ObservedLookup) -> Result:
    return _is_no_success(seen) if seen.kind == OTHER_STATUS else NOT_APPLICABLE


def _check_reason(clause_id: str, seen: ObservedLookup) -> Result:
    if seen.witnessed.shape in _REFUSAL_VARIANTS or _reason_clause(seen) != clause_id:
        return NOT_APPLICABLE
    return NOT_APPLICABLE if seen.told is None or seen.told.ok else _reason(seen, seen.told)


def _reason_clause(seen: ObservedLookup) -> str:
    """The clause for the place in which this refusal has its text."""
    if seen.kind not in (REFUSAL, BUSY_KIND, OTHER_STATUS):
        return ""
    if seen.answered.is_xml:
        return REASON_CLAUSES["xml"]
    if seen.kind == BUSY_KIND:
        return REASON_CLAUSES["busy"]
    return REASON_CLAUSES["error_text" if "error_text" in seen.answered.keys else "status_message"]


def _reason(seen: ObservedLookup, told: Outcome) -> Result:
    text = " ".join(str(seen.answered.text).split())
    good = text in " ".join((told.reason or "").split())
    return PASSED if good else Finding("reason", f"the text of the answer, {shown(text)}", _words(seen))


LOOKUP_CHECKS.extend((i, partial(_check_reason, i)) for i in REASON_CLAUSES.values())


@_clause("NIB-CLI-033")
def status_is_told_right(seen: ObservedLookup) -> Result:
    if seen.kind not in (REFUSAL, BUSY_KIND, OTHER_STATUS) or seen.told is None or seen.told.status is None:
        return NOT_APPLICABLE
    if seen.told.ok:
        return NOT_APPLICABLE
    return check(seen.told.status == seen.answered.status, "status", str(seen.answered.status), seen.told.status)


def _check_refusal_variant(shape: str, seen: ObservedLookup) -> Result:
    """A client that tells no reason of a plain refusal is not blamed twice."""
    if seen.witnessed.shape != shape or _reason_clause(seen) not in seen.held:
        return NOT_APPLICABLE
    if seen.told is None:
        return Finding("outcome", "a failure that is told", _words(seen))
    return NOT_APPLICABLE if seen.told.ok else _reason(seen, seen.told)


LOOKUP_CHECKS.extend((i, partial(_check_refusal_variant, shape)) for shape, i in _REFUSAL_VARIANTS.items())


# ---------------------------------------------------------------- what was told where the API did not answer

_NO_ANSWER: Final = {
    "NIB-CLI-039": GATEWAY,
    "NIB-CLI-040": EMPTY,
    "NIB-CLI-041": CUT_OFF,
    "NIB-CLI-042": WRONG_LABEL,
    "NIB-CLI-043": RESET,
    "NIB-CLI-044": TIMEOUT,
    "NIB-CLI-045": NO_STATUS,
    "NIB-CLI-048": DTD,
}


def _check_no_answer(kind: str, seen: ObservedLookup) -> Result:
    return _is_no_success(seen) if seen.kind == kind else NOT_APPLICABLE


LOOKUP_CHECKS.extend((i, partial(_check_no_answer, kind)) for i, kind in _NO_ANSWER.items())


def _words(seen: ObservedLookup) -> str:
    return words_of(seen.witnessed.told)


def words_of(told: Outcome | MissingOutcome) -> str:
    """What the client told, in words; secrets are not masked yet."""
    if isinstance(told, MissingOutcome):
        return f"nothing: {told.message}"
    if told.ok:
        facts = ", ".join(f"{name} {shown(value)}" for name, value in (told.result or {}).items())
        return f"a success{': ' if facts else ''}{facts}"
    status = "" if told.status is None else f", status {told.status}"
    return f"a failure{status}: {' '.join((told.reason or '').split()) or 'no reason'}"
