"""Clauses about the requests of a whole lookup of a client: their content, their number, and their server."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ni_contract.contract.numbering import interpret
from ni_contract.exchanges.client_lookup import MissingOutcome
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.judge.clauses.lookup import LOOKUP, words_of
from ni_contract.judge.clauses.registry import clause
from ni_contract.judge.clauses.request import place_of_secret
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import (
    BUSY_KIND,
    ELSEWHERE,
    GATEWAY,
    OTHER_STATUS,
    REDIRECT,
    REFUSAL,
    SUCCESS_KIND,
    ObservedLookup,
)

MAX_REQUESTS: Final = 10
# Final answers: another request after one is superfluous. After a missing answer or a busy one the reference does not
# forbid another request.
_FINAL: Final = (SUCCESS_KIND, REFUSAL, OTHER_STATUS)
_SERVER_ERROR: Final = 500

ASKED_NUMBER: Final = "parameters number and country"


@clause("NIB-CLI-016", LOOKUP)
def number_is_passed_on(seen: ObservedLookup) -> Result:
    if seen.record.lookup.country is not None:
        return NOT_APPLICABLE
    return _asks_the_same(seen, "the number that the client was given")


@clause("NIB-CLI-017", LOOKUP)
def country_is_passed_on(seen: ObservedLookup) -> Result:
    if seen.record.lookup.country is None:
        return NOT_APPLICABLE
    return _asks_the_same(seen, "the country that was given, or the number in international form")


def _asks_the_same(seen: ObservedLookup, what: str) -> Result:
    lookup = seen.record.lookup
    if not seen.readings:
        return Finding("request", f"a request that asks about {shown(lookup.number)}", "no request came")
    reading = next((one for one in seen.readings if one.is_lookup), None)
    number = "" if reading is None else reading.asked.get("number") or ""
    if reading is None or reading.asked.problem or not number.strip():
        return NOT_APPLICABLE
    country = reading.asked.get("country")
    sent = interpret(number, country.upper() if country else None, letters=True).facts
    meant = interpret(lookup.number, lookup.country).facts
    good = sent is not None and meant is not None and sent.international == meant.international
    given = shown(lookup.number) + (f" in {lookup.country}" if lookup.country else "")
    actual = shown(number) + (f" in {shown(country)}" if country else " without a country")
    if good:
        return PASSED
    return Finding(ASKED_NUMBER, f"{what}: {given}", actual)


@clause("NIB-CLI-021", LOOKUP)
def one_request(seen: ObservedLookup) -> Result:
    if not seen.readings or seen.kinds[0] == ELSEWHERE:
        return NOT_APPLICABLE
    if BUSY_KIND not in seen.kinds and len(seen.readings) > MAX_REQUESTS:
        return Finding("requests", f"at most {MAX_REQUESTS}", f"{len(seen.readings)} of them")
    for number, (reading, kind) in enumerate(zip(seen.readings[:-1], seen.kinds, strict=False), 2):
        if not _may_be_repeated(reading, kind):
            return Finding(f"request {number}", "no second request after an answer that is final", f"after {kind}")
    return PASSED


def _may_be_repeated(reading: EvaluationContext, kind: str) -> bool:
    if kind != GATEWAY or reading.answered is None:
        return kind not in _FINAL
    http_status = reading.answered.http_status
    return http_status >= _SERVER_ERROR or http_status == HTTPStatus.TOO_MANY_REQUESTS


@clause("NIB-CLI-022", LOOKUP)
def retries_end(seen: ObservedLookup) -> Result:
    if BUSY_KIND not in seen.kinds:
        return NOT_APPLICABLE
    if len(seen.readings) > MAX_REQUESTS:
        return Finding("requests", f"at most {MAX_REQUESTS} while the API is busy", f"{len(seen.readings)} of them")
    late = isinstance(seen.record.reported, MissingOutcome) and seen.record.reported.kind == "late"
    if late:
        return Finding("outcome", "an end, when the API goes on being busy", words_of(seen.record.reported))
    return PASSED


@clause("NIB-CLI-053", LOOKUP)
def redirect_gets_no_credentials(seen: ObservedLookup) -> Result:
    if REDIRECT not in seen.kinds:
        return NOT_APPLICABLE
    for reading in seen.readings[seen.kinds.index(REDIRECT) + 1 :]:
        place = place_of_secret(reading) or ("credentials" if reading.credential.kind != "none" else "")
        if place and _host(reading) != _host(seen.readings[0]):
            return Finding(place, "no credentials for the host that a redirect names", "they were sent there")
    return PASSED


def _host(reading: EvaluationContext) -> str:
    return reading.exchange.request.url.partition("//")[2].partition("/")[0]


@clause("NIB-CLI-059", LOOKUP)
def certificate_is_verified(seen: ObservedLookup) -> Result:
    if seen.record.trusted:
        return NOT_APPLICABLE
    expected = "none: no CA that the client trusts vouches for the certificate"
    if seen.readings:
        return Finding("request", expected, "a request was sent")
    return PASSED
