"""Faults of providers that the judge once missed, each with its clause."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from mutants.tools import (
    Mutant,
    MutantTarget,
    Seen,
    facts_of,
    fresh_refusal,
    on_success,
    page,
    with_facts,
)
from mutants.verified import NOW, plan, run_of
from thoroughness import EVERYTHING, ask_few_regions, draws

from ni_contract.contract.numbering import interpret
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.verify import verify

pytestmark = pytest.mark.slow

CLOSED = Failure("reset", "the connection was closed without an answer")


def first_cause(run: Run, edition: str) -> str:
    causes = run.causes[edition]
    return causes[0].clause_id if causes else "none"


def when(condition: Callable[[Seen], object], instead: Callable[[Seen], Request | Answer]) -> Mutant:
    """A provider that answers requests for which *condition* holds by *instead*."""
    return Mutant(lambda seen: instead(seen) if condition(seen) else seen.request)


def crash(_seen: Seen) -> Answer:
    return page(500)


def asks(number: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.get("number") == number


def echoes_the_country(seen: Seen, answer: Answer) -> Answer:
    facts = facts_of(answer)
    country = seen.get("country")
    return with_facts(answer, {**facts, "country_code": country}) if facts["status"] == 0 and country else answer


def cut(length: int) -> Mutant:
    """A provider that cuts the digits of a number at *length*."""
    return when(
        lambda seen: len(seen.get("number") or "") > length and (seen.get("number") or "").isdigit(),
        lambda seen: seen.again(number=(seen.get("number") or "")[:length]),
    )


def cut_raw(length: int) -> Mutant:
    """A provider that cuts what it is sent for a number at *length* characters."""

    def shorter(seen: Seen) -> Request:
        return seen.again(number=(seen.get("number") or "")[:length].replace("+", "").replace(" ", ""))

    return when(lambda seen: len(seen.get("number") or "") > length, shorter)


def national_reading(seen: Seen) -> Request:
    return seen.again(number=(seen.get("number") or "").lstrip("+"))


def signed_rightly_but(condition: Callable[[Seen], object]) -> Mutant:
    return when(lambda seen: seen.get("sig") and condition(seen), fresh_refusal(4))


def bad_basic(seen: Seen) -> bool:
    authorization = seen.asked.authorization or ""
    return authorization[:6] == "Basic " and basic_pair(authorization) is None


def no_base64(seen: Seen) -> bool:
    try:
        base64.b64decode((seen.asked.authorization or "").partition(" ")[2], validate=True)
    except ValueError:
        return bad_basic(seen)
    return False


def same_ids(seen: Seen, answer: Answer) -> Answer:
    """Four ids occur twice."""
    count = seen.memory["count"] = seen.memory.get("count", 0) + 1
    facts = facts_of(answer)
    if count in (30, 60, 90, 120) and facts["status"] == 0:
        seen.memory["id"] = facts["request_id"]
    if count in (55, 85, 115) and "id" in seen.memory and facts["status"] is not None:
        return with_facts(answer, {**facts, "request_id": seen.memory["id"]})
    return answer


def valid_only_abroad(seen: Seen) -> bool:
    facts = interpret(seen.get("number"), seen.get("country")).facts
    return facts is not None and facts.international == "10005550100"


def posts(body: bytes) -> Callable[[Seen], bool]:
    return lambda seen: seen.request.body == body


NASTY = {
    "an id that comes twice": (Mutant(after=same_ids), "NIB-REL-008"),
    "500 for Kosovo": (when(asks("38344123456"), crash), "NIB-REQ-012"),
    "500 for 800": (when(asks("80012345678"), crash), "NIB-REQ-012"),
    **{f"500 for the body {body!r}": (when(posts(body), crash), "NIB-REQ-012") for body in (b"{", b"[]", b"null")},
    "500 for an empty body": (
        when(lambda seen: seen.request.method == "POST" and not seen.request.body, crash),
        "NIB-REQ-012",
    ),
    "500 for timestamp=abc": (when(lambda seen: seen.get("timestamp") == "abc", crash), "NIB-REQ-012"),
    "500 for Basic that is no Base64": (when(no_base64, crash), "NIB-REQ-012"),
    "500 for Basic that is not UTF-8": (
        when(lambda seen: seen.asked.authorization == "Basic //79", crash),
        "NIB-REQ-012",
    ),
    "500 for 300 digits": (when(lambda seen: len(seen.get("number") or "") == 300, crash), "NIB-REQ-012"),
    "the plus is dropped": (when(asks("+4930123456"), national_reading), "NIB-NUM-008"),
    "UK is a country": (
        when(lambda seen: seen.get("country") == "UK", lambda seen: seen.again(country="GB")),
        "NIB-NUM-010",
    ),
    "GBR is a country": (
        when(lambda seen: seen.get("country") == "GBR", lambda seen: seen.again(country="GB")),
        "NIB-NUM-010",
    ),
    "G1 is a country": (
        when(lambda seen: seen.get("country") == "G1", lambda seen: seen.again(country="GB")),
        "NIB-NUM-010",
    ),
    "500 for gb": (when(lambda seen: seen.get("country") == "gb", crash), "NIB-REQ-012"),
    "gb is America": (
        when(lambda seen: seen.get("country") == "gb", lambda seen: seen.again(number="14155550100", country="US")),
        "NIB-NUM-013",
    ),
    "the country is echoed": (Mutant(after=echoes_the_country), "NIB-NUM-018"),
    "Argentine mobiles lose their 9": (
        when(asks("5491123456789"), lambda seen: seen.again(number="541123456789")),
        "NIB-NUM-013",
    ),
    "Italian zeros are lost": (
        on_success(
            lambda facts: (
                {"international_format_number": "39" + facts["international_format_number"][2:].lstrip("0")}
                if facts["country_code"] == "IT"
                else {}
            )
        ),
        "NIB-NUM-013",
    ),
    "valid numbers alone are served": (when(valid_only_abroad, fresh_refusal(5)), "NIB-NUM-001"),
    "digits are cut at 12": (cut(12), "NIB-NUM-001"),
    "digits are cut at 15": (cut(15), "NIB-NUM-005"),
    "characters are cut at 20": (cut_raw(20), "NIB-NUM-002"),
    "characters are cut at 64": (cut_raw(64), "NIB-NUM-002"),
    "a tab is refused": (when(lambda seen: "\t" in (seen.get("number") or ""), fresh_refusal(5)), "NIB-NUM-002"),
    "signed: an empty value": (signed_rightly_but(lambda seen: seen.get("note") == ""), "NIB-AUT-008"),
    "signed: api_secret beside it": (signed_rightly_but(lambda seen: seen.get("api_secret")), "NIB-AUT-008"),
    "signed: UTF-8 in a form": (
        signed_rightly_but(lambda seen: not (seen.get("note") or "").isascii() and seen.request.method == "POST"),
        "NIB-REQ-009",
    ),
    "signed: + as space": (signed_rightly_but(lambda seen: "44+20" in seen.request.url), "NIB-REQ-005"),
    "signed: a parameter left out": (
        when(lambda seen: seen.get("sig") and seen.get("country") == "GB", lambda seen: seen.again()),
        "NIB-AUT-010",
    ),
    "a stray header lets a wrong secret in": (
        when(
            lambda seen: seen.asked.authorization == "Bearer stray" and seen.get("api_key"), lambda seen: seen.again()
        ),
        "NIB-AUT-002",
    ),
}


@pytest.mark.parametrize("fault", NASTY)
def test_fault_leads_with_its_clause(fault: str) -> None:
    mutant, clause_id = NASTY[fault]
    assert first_cause(run_of(mutant, plan(), rate=None), "documented") == clause_id


@pytest.mark.parametrize("edition", ["documented", "observed"])
def test_right_provider_has_no_cause(edition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not EVERYTHING:
        ask_few_regions(monkeypatch)
    assert run_of(Mutant(edition=edition), plan(examples=draws(30, 100)), rate=None).causes[edition] == ()


def test_closed_connection_is_the_providers_fault() -> None:
    """The contract states nothing else about this request."""
    clock = VirtualClock(NOW)
    target = MutantTarget(Mutant(), clock, rate=None)
    send = target.send
    try:

        class Closing:
            name, base_url, reachable, places = target.name, target.base_url, False, target.places

            def send(self, request: Request) -> Answer | Failure:
                return CLOSED if request.body == b"null" else send(request)

            def close(self) -> None: ...

        assert first_cause(verify(Closing(), plan(), clock=clock, sleep=clock.sleep), "documented") == "NIB-REQ-012"
    finally:
        target.close()
