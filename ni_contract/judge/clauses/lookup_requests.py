"""Clauses about the requests of a whole lookup of a client: their content, number, server, and time."""

import re
from functools import partial
from itertools import pairwise
from typing import Final

from ni_contract.contract.numbering import interpret
from ni_contract.exchanges.client_lookup import LATE_SECONDS, MAYBE_TIMED_OUT, PLAIN_HTTP, SLOW, Lookup, words_of
from ni_contract.exchanges.finding import Finding, RequestFinding, shown
from ni_contract.judge.clauses.client_secrets import place_of_secret
from ni_contract.judge.clauses.lookup import LOOKUP
from ni_contract.judge.clauses.registry import clause
from ni_contract.judge.clauses.reported_facts import of_an_earlier_one
from ni_contract.judge.clauses.request import DECODABLE, METHOD
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import Kind, ObservedLookup, is_unreadable

# The first request and ten more: more retries cost the account money and show nothing new.
MAX_REQUESTS: Final = 11
# Programs follow up to 50 redirects.
MAX_REDIRECTED: Final = 60
# A time-out that is over before this part of it was taken in another unit than seconds.
_EARLY_BEFORE: Final = 0.25
_TIMED_OUT: Final = re.compile("(?i)time[d -]{0,2}out|deadline|abort")
# Final answers: another request after one is superfluous. After busy, and after what is no answer of the API, the
# reference does not forbid another request.
_FINAL: Final = (Kind.SUCCESS, Kind.REFUSAL, Kind.OTHER_STATUS)

ASKED_NUMBER: Final = "parameters number and country"
_NUMBER_SENT, _COUNTRY_SENT = "NIB-CLI-016", "NIB-CLI-017"
_WANTED: Final = {
    _NUMBER_SENT: "the number that the client was given",
    _COUNTRY_SENT: "the country that was given and no other, or the number in international form",
}

# Credentials for another host: as parameters, and as HTTP Basic, which some libraries take along.
_PARAMETERS_TAKEN, _BASIC_TAKEN = "NIB-CLI-053", "NIB-CLI-066"
_AS_BASIC: Final = "header Authorization"

# The fault of what came instead of a request, or behind one.
NO_REQUEST: Final = "something else came"
_TLS_HANDSHAKE: Final = b"\x16\x03"

_UNTRUSTED: Final = {"other host": "the certificate is for another host"}
_UNKNOWN_CA: Final = "no CA that the client trusts vouches for the certificate"


def _asks_the_same(clause_id: str, seen: ObservedLookup) -> Result:
    """The result for a clause: a right request passes that of the lookup, a wrong one fails the one that it breaks."""
    if seen.record.may_refuse:
        return NOT_APPLICABLE
    lookup = seen.record.lookup
    own = _NUMBER_SENT if lookup.country is None else _COUNTRY_SENT
    # A number that was asked about before is withheld because of its country.
    blamed = own if lookup.number in seen.earlier.numbers else _NUMBER_SENT
    if not seen.readings and clause_id == blamed:
        expected = f"a request that asks about {shown(lookup.number)}"
        return Finding("request", expected, f"no request came{_reason_of_none(seen)}")
    results = [_of_request(clause_id, own, lookup, reading, place) for place, reading in enumerate(seen.own_readings)]
    for result in results:
        if isinstance(result, Finding):
            return result
    return PASSED if PASSED in results else NOT_APPLICABLE


def _of_request(clause_id: str, own: str, lookup: Lookup, reading: EvaluationContext, place: int) -> Result:
    """The result for one request, the *place*-th after the first, of a lookup whose *own* clause a right one passes."""
    number = reading.asked.get("number") or ""
    if not reading.is_lookup or reading.asked.problem or not number.strip():
        return NOT_APPLICABLE
    country = reading.asked.get("country") or None
    if _same(lookup, number, country):
        return PASSED if own == clause_id else NOT_APPLICABLE
    if _broken(lookup, number, country) != clause_id:
        return NOT_APPLICABLE
    at, given, actual = ASKED_NUMBER, shown(lookup.number), f"{shown(number)} without a country"
    if place:
        at = f"request {place + 1}, {at}"
    if lookup.country:
        given = f"{given} in {lookup.country}"
    if country:
        actual = f"{shown(number)} in {shown(country)}"
    return RequestFinding(at, f"{_WANTED[clause_id]}: {given}", actual, place)


def _reason_of_none(seen: ObservedLookup) -> str:
    """The likely reason why no request came; "" where none is known."""
    fault = seen.record.tls_fault
    if seen.record.unread:
        return f" that can be read as HTTP: {fault_of_unread(seen.record.unread)[1]}"
    if fault and fault != PLAIN_HTTP:
        return f": the client ended the TLS handshake, {fault.lower().replace('_', ' ')} (NI_CA_FILE holds the CA)"
    if _gave_up_early(seen):
        return f": the client gave up after {seen.record.waited:.3f} s of {seen.record.lookup.timeout:g} s"
    countries = seen.earlier.numbers.get(seen.record.lookup.number, set())
    if countries and seen.record.lookup.country not in countries:
        return ": the same number was asked before, of another country (a cache without the country?)"
    if seen.reported is not None and seen.reported.ok:
        return f"; a success is reported all the same{of_an_earlier_one(seen) or ' (a cache?)'}"
    if countries:
        return ": the same was asked before (are failures kept?)"
    if seen.earlier.kind == Kind.TIMEOUT:
        return "; the lookup before got no answer (is its connection in use still?)"
    if seen.missing == "late":
        return "; nothing was asked or reported in time (does the client sleep after failures?)"
    return seen.earlier.words


def _gave_up_early(seen: ObservedLookup) -> bool:
    """Whether the client reports that its time-out is over, long before it can be."""
    if seen.reported is None or seen.record.waited >= _EARLY_BEFORE * seen.record.lookup.timeout:
        return False
    return _TIMED_OUT.search(seen.reported.reason or "") is not None


def fault_of_unread(unread: bytes) -> tuple[str, str]:
    """The clause that a request breaks which could not be read, and its fault, by its first line (with secrets)."""
    words = unread.split()
    if unread.startswith(_TLS_HANDSHAKE):
        return _NUMBER_SENT, "TLS came, at the port of plain HTTP"
    if words and words[0].isalpha() and words[0] not in (b"GET", b"POST"):
        return METHOD, f"the method was written {shown(words[0].decode()[:20])}"
    if len(words) > 3:
        return DECODABLE, "there was a blank in its URL, which is sent as + or as %20"
    return _NUMBER_SENT, NO_REQUEST


for _id in _WANTED:
    clause(_id, LOOKUP)(partial(_asks_the_same, _id))


def _same(lookup: Lookup, number: str, country: str | None) -> bool:
    """Whether *number* and *country* are about the number of *lookup*, and in the country that was given, if in one."""
    is_other = lookup.country is not None and country is not None and country.upper() != lookup.country
    if is_other and not _same(lookup, number, None):
        return False
    sent = interpret(number, country.upper() if country else None, letters=True).facts
    meant = interpret(lookup.number, lookup.country).facts
    return sent is not None and meant is not None and sent.international == meant.international


def _broken(lookup: Lookup, number: str, country: str | None) -> str:
    """The clause that a request about another number breaks: the one about its country, where that is what is wrong."""
    if lookup.country is not None and country is None:
        return _NUMBER_SENT if _has_calling_code(lookup, number) else _COUNTRY_SENT
    if lookup.country is not None and country is not None and country.upper() != lookup.country:
        return _COUNTRY_SENT
    if lookup.country is None and country is not None and _same(lookup, number, None):
        return _COUNTRY_SENT
    return _NUMBER_SENT


def _has_calling_code(lookup: Lookup, number: str) -> bool:
    """Whether *number* is in international form, with the calling code of the number of *lookup*."""
    sent, meant = interpret(number, None, letters=True).facts, interpret(lookup.number, lookup.country).facts
    return sent is not None and meant is not None and sent.prefix == meant.prefix


def is_plus_lost(lookup: Lookup, number: str) -> bool:
    """Whether the blank before the sent *number* was a plus, which makes it the number of *lookup*."""
    return _same(lookup, f"+{number.strip()}", None)


@clause("NIB-CLI-021", LOOKUP)
def one_request(seen: ObservedLookup) -> Result:
    # A client that gives up on a slow answer may ask again, although the answer is sent.
    if not seen.readings or seen.kinds[0] == Kind.ELSEWHERE or seen.record.shape == SLOW:
        return NOT_APPLICABLE
    limit = MAX_REDIRECTED if Kind.REDIRECT in seen.kinds else MAX_REQUESTS
    if Kind.BUSY not in seen.kinds and len(seen.readings) > limit:
        return RequestFinding("requests", f"at most {limit}", f"{len(seen.readings)} of them", 0)
    for place, (reading, following) in enumerate(pairwise(seen.readings)):
        if _is_final(seen.kinds[place], reading) and not _may_be_late(seen.record.lookup, reading, following):
            at, expected = f"request {place + 2}", "no second request after an answer that is final"
            return RequestFinding(at, expected, f"after {seen.kinds[place]}", place)
    return PASSED


def _is_final(kind: Kind, reading: EvaluationContext) -> bool:
    """Whether the answer in *reading*, of this *kind*, gives no reason to ask again."""
    return kind in _FINAL and not (reading.answered and is_unreadable(reading.answered.status))


def _may_be_late(lookup: Lookup, answered: EvaluationContext, following: EvaluationContext) -> bool:
    """Whether the client may have given up on an answer before it asked again: a busy machine may send it too late."""
    first, second = answered.exchange.sent_at, following.exchange.sent_at
    if first is None or second is None:
        return False
    return second - first >= MAYBE_TIMED_OUT * lookup.timeout


@clause("NIB-CLI-022", LOOKUP)
def retries_end(seen: ObservedLookup) -> Result:
    if Kind.BUSY not in seen.kinds:
        return NOT_APPLICABLE
    if len(seen.readings) > MAX_REQUESTS:
        expected = f"at most {MAX_REQUESTS} while the API is busy"
        return RequestFinding("requests", expected, f"{len(seen.readings)} of them", 0)
    if seen.missing == "late" and seen.kind == Kind.BUSY and len(seen.readings) > 1:
        return Finding("outcome", "an end, when the API goes on being busy", words_of(seen.record.reported))
    return PASSED


def _check_redirected(clause_id: str, seen: ObservedLookup) -> Result:
    if Kind.REDIRECT not in seen.kinds:
        return NOT_APPLICABLE
    home = seen.earlier.home or host_of(seen.readings[0])
    for reading in seen.readings[len(seen.own_readings) :]:
        place = place_of_secret(reading)
        if not place and reading.credential.kind != "none":
            place = _AS_BASIC if reading.credential.kind == "basic" else "credentials"
        blamed = _BASIC_TAKEN if place == _AS_BASIC else _PARAMETERS_TAKEN
        if place and host_of(reading) != home and clause_id == blamed:
            return Finding(place, "no credentials for the host that a redirect names", "they were sent there")
    return PASSED


for _id in (_PARAMETERS_TAKEN, _BASIC_TAKEN):
    clause(_id, LOOKUP)(partial(_check_redirected, _id))


@clause("NIB-CLI-063", LOOKUP)
def host_of_a_redirect_is_forgotten(seen: ObservedLookup) -> Result:
    home = seen.earlier.home
    if not home or not seen.readings:
        return NOT_APPLICABLE
    host = host_of(seen.readings[0])
    return check(host == home, "URL, host", f"{home}, whatever a redirect of an earlier lookup named", host)


def host_of(reading: EvaluationContext) -> str:
    """The host of the URL without its port: some lookups are asked at a server of their own."""
    return re.sub(":[0-9]*$", "", reading.exchange.request.url.partition("//")[2].partition("/")[0])


@clause("NIB-CLI-059", LOOKUP)
def certificate_is_verified(seen: ObservedLookup) -> Result:
    if seen.record.trusted:
        return NOT_APPLICABLE
    if seen.readings:
        return Finding("request", f"none: {_UNTRUSTED.get(seen.record.shape or '', _UNKNOWN_CA)}", "a request was sent")
    return PASSED


@clause("NIB-CLI-061", LOOKUP)
def time_out_is_kept(seen: ObservedLookup) -> Result:
    if seen.kind != Kind.TIMEOUT or seen.reported is None or seen.reported.ok:
        return NOT_APPLICABLE
    timeout, waited = seen.record.lookup.timeout, seen.record.waited
    limit = timeout + LATE_SECONDS
    expected = f"at most {limit:g} s from the latest request on, the time-out being {timeout:g} s"
    return check(waited <= limit, "time", expected, f"{waited:.1f} s")
