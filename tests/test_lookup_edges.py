"""Lookups of clients at the edges of clauses: the clauses that each one breaks, and where. Found by mutants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import Broken, places
from leaks import LEAKED, LEAKS
from lookup_records import BAD, ELSEWHERE, LATE, LOOKUPS, NO, PLAIN, PLAIN_NO, RIGHT, page, record, with_requests
from mutants.clients import ACCOUNT, KEYS, NUMBER, get, post

from ni_contract.exchanges.client_lookup import LookupRecord, Outcome
from ni_contract.judge.client_judge import ClientJudge
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.observed_lookup import EarlierLookups, kind_of

RECORDS = LOOKUPS | LEAKS
# The kinds of its last two answers, and the places of what it breaks.
EXPECTED: dict[str, tuple[str, Broken]] = {
    "right": ("success", {}),
    "right in XML": ("success", {}),
    "no request": ("", {"NIB-CLI-016": "request"}),
    "a time-out at once, without a request": ("", {"NIB-CLI-016": "request"}),
    "a time-out in time, without a request": ("", {"NIB-CLI-016": "request"}),
    "half a body": ("reset", {"NIB-CLI-009": "body"}),
    "late, without a request": ("", {"NIB-CLI-016": "request"}),
    "method in small letters": ("", {"NIB-CLI-002": "request", "NIB-CLI-016": "request"}),
    "blank in the URL": ("", {"NIB-CLI-009": "request", "NIB-CLI-016": "request"}),
    "HTTPS without TLS": ("", {"NIB-CLI-003": "request", "NIB-CLI-016": "request"}),
    "TLS without HTTPS": ("", {"NIB-CLI-016": "request"}),
    "more bytes behind a body": ("success", {"NIB-CLI-009": "body"}),
    "TLS, and then a request": ("success", {}),
    "no HTTP": ("", {"NIB-CLI-016": "request"}),
    "secret in a parameter beside a signature": ("success", {"NIB-CLI-014": "URL", "NIB-CLI-015": "parameters"}),
    "another number": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "another country": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "international without its zero": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "national with its country": ("success", {"NIB-CLI-007": "parameter country"}),
    "national without its country": ("success", {"NIB-CLI-017": "parameters number and country"}),
    "national without its zero": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "a country of its own": ("success", {"NIB-CLI-017": "parameters number and country"}),
    "a blank before a national number": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "a bare plus before a national number": ("success", {"NIB-CLI-006": "parameter number"}),
    "secret in a header too": ("success", {"NIB-CLI-011": "credentials"}),
    "secret in a parameter too": ("success", {"NIB-CLI-011": "credentials", "NIB-CLI-015": "parameters"}),
    "secret in a cookie too": ("success", {"NIB-CLI-011": "credentials"}),
    "URL in a header too": ("success", {}),
    "URL in a header of its own": ("success", {"NIB-CLI-011": "credentials"}),
    "answered anew after the outcome": ("gateway success", {}),
    "international for a national": ("success", {}),
    "number of spaces": ("success", {"NIB-CLI-004": "parameter number"}),
    "twelve requests": ("gateway gateway", {"NIB-CLI-021": "requests"}),
    "eleven requests": ("gateway gateway", {}),
    "again after a success": ("success success", {"NIB-CLI-021": "request 2"}),
    "again after a success that came late": ("success success", {}),
    "again after a refusal": ("refusal success", {"NIB-CLI-021": "request 2"}),
    "again after HTTP 404": ("gateway success", {}),
    "again after HTTP 429": ("gateway success", {}),
    "again after HTTP 500": ("gateway success", {}),
    "again after a reset": ("reset success", {}),
    "again after busy": ("busy success", {}),
    "the id of busy for a success": ("busy success", {"NIB-CLI-024": "result, request_id"}),
    "the first id of two": ("success success", {"NIB-CLI-021": "request 2"}),
    "busy twelve times": ("busy busy", {"NIB-CLI-022": "requests"}),
    "busy and late": ("busy busy", {"NIB-CLI-022": "outcome"}),
    "busy, then silent, and late": ("busy timeout", {"NIB-CLI-044": "outcome"}),
    "busy, then silent, told as busy": ("busy timeout", {}),
    "busy, then silent, told as refused": ("busy timeout", {"NIB-CLI-033": "status"}),
    "busy, and nothing reported": ("busy", {"NIB-CLI-026": "outcome"}),
    "busy and crashed": ("busy", {"NIB-CLI-026": "outcome"}),
    "busy as a success": ("busy", {"NIB-CLI-026": "outcome"}),
    "busy with another reason": ("busy", {"NIB-CLI-031": "reason"}),
    "busy twice, then given up": ("busy busy", {}),
    "busy twice, with another reason": ("busy busy", {"NIB-CLI-031": "reason"}),
    "success as a failure": ("success", {"NIB-CLI-023": "outcome"}),
    "success and crashed": ("success", {"NIB-CLI-023": "outcome"}),
    "success without facts": (
        "success",
        {"NIB-CLI-024": "result, international_format_number", "NIB-CLI-025": "result, request_id"},
    ),
    "one fact missing": ("success", {"NIB-CLI-024": "result, country_prefix"}),
    "a fact of another type": ("success", {"NIB-CLI-024": "result, country_prefix"}),
    "a time-out of its own": ("timeout", {"NIB-CLI-061": "time"}),
    "its user's time-out": ("timeout", {}),
    "a status without an answer": ("reset", {"NIB-CLI-033": "status"}),
    "a status of HTTP 403": ("gateway", {"NIB-CLI-033": "status"}),
    "the status of HTTP 503": ("gateway", {"NIB-CLI-064": "status"}),
    "the status of a redirect": ("redirect", {"NIB-CLI-064": "status"}),
    "a status of a redirect": ("redirect", {"NIB-CLI-033": "status"}),
    "the status of HTTP 503 with a success": ("wrong HTTP status", {"NIB-CLI-064": "status"}),
    "the status of HTTP for a page": ("html", {"NIB-CLI-064": "status"}),
    "the status of HTTP for a refusal": ("refusal", {"NIB-CLI-033": "status"}),
    "a refusal's status as text": ("refusal", {"NIB-CLI-033": "status"}),
    "busy's status as text": ("busy", {"NIB-CLI-033": "status"}),
    "more members, and a status as text": ("refusal", {"NIB-CLI-033": "status"}),
    "no answer, and a status as text": ("gateway", {}),
    "busy of HTTP 503": ("gateway", {"NIB-CLI-033": "status"}),
    "busy of HTTP 429": ("gateway", {}),
    "busy without an answer": ("reset", {"NIB-CLI-033": "status"}),
    "a status of a page": ("html", {"NIB-CLI-033": "status"}),
    "a status of an empty answer": ("empty", {"NIB-CLI-033": "status"}),
    "a status of silence": ("timeout", {"NIB-CLI-033": "status"}),
    "the status of a success without an answer": ("reset", {"NIB-CLI-033": "status"}),
    "the status of half an answer": ("cut-off", {}),
    "a number of its own without an answer": ("reset", {"NIB-CLI-064": "status"}),
    "white space around a fact": ("success", {"NIB-CLI-024": "result, country_code"}),
    "another id": ("success", {"NIB-CLI-024": "result, request_id"}),
    "a refusal's status for a success": ("success", {"NIB-CLI-033": "status"}),
    "the status of HTTP for a success": ("success", {"NIB-CLI-033": "status"}),
    "a null fact told as text": ("some facts", {"NIB-CLI-024": "result, country_name"}),
    "a null fact told as null": ("some facts", {}),
    "a null fact refused": ("some facts", {}),
    "a null fact and crashed": ("some facts", {"NIB-CLI-062": "outcome"}),
    "again after a null fact": ("some facts success", {}),
    "an empty id": ("success", {"NIB-CLI-025": "result, request_id"}),
    "no id": ("success", {"NIB-CLI-025": "result, request_id"}),
    "refusal as a success": ("refusal", {"NIB-CLI-027": "outcome"}),
    "refusal without a text and crashed": ("refusal", {"NIB-CLI-062": "outcome"}),
    "refusal without a text and late": ("refusal", {"NIB-CLI-062": "outcome"}),
    "refusal and late": ("refusal", {"NIB-CLI-027": "outcome"}),
    "refusal with more members, and late": ("refusal", {"NIB-CLI-034": "outcome"}),
    "refusal with more members, without a reason": ("refusal", {"NIB-CLI-034": "reason"}),
    "refusal with more members, and another status": ("refusal", {"NIB-CLI-034": "status"}),
    "refusal with more members, without a status": ("refusal", {}),
    "refusal with another status": ("refusal", {"NIB-CLI-033": "status"}),
    "refusal without a reason": ("refusal", {"NIB-CLI-029": "reason"}),
    "refusal with white space": ("refusal", {}),
    "unknown status as a success": ("other status", {"NIB-CLI-028": "outcome"}),
    "unknown status as a failure": ("other status", {}),
    "untrusted and asked": ("success", {"NIB-CLI-059": "request"}),
    "untrusted and not asked": ("", {}),
    "untrusted, and a secret in the output": ("", {"NIB-CLI-058": "output"}),
    "untrusted, and a URL in the output": ("", {"NIB-CLI-065": "output"}),
    "no connection, told": ("", {}),
    "no connection, and crashed": ("", {"NIB-CLI-043": "outcome"}),
    "no connection, and late": ("", {}),
    "no connection as a success": ("", {"NIB-CLI-043": "outcome"}),
    "no connection, and a status of HTTP": ("", {"NIB-CLI-064": "status"}),
    "no connection, and a secret in the output": ("", {"NIB-CLI-058": "output"}),
    "a number that may be refused": ("", {}),
    "a number that may be refused, and is asked about too": ("success", {}),
    "a number that may be refused, and is told as invalid": ("success", {"NIB-CLI-023": "outcome"}),
    "a number that may be refused, with a secret": ("", {"NIB-CLI-058": "reason"}),
    "a number that may be refused, as it is": ("success", {}),
    "a number that may be refused, with underscores": ("success", {"NIB-CLI-005": "parameter number"}),
    "reset as a success": ("reset", {"NIB-CLI-043": "outcome"}),
    "silence and late": ("timeout", {"NIB-CLI-044": "outcome"}),
    "not waited for": ("gateway", {}),
    "not waited for, and another number": ("success", {"NIB-CLI-016": "parameters number and country"}),
    "not waited for, and a country of its own": ("success", {"NIB-CLI-017": "parameters number and country"}),
    "not waited for, and again after a success": ("success success", {"NIB-CLI-021": "request 2"}),
    "not waited for, and a secret in the output": ("success", {"NIB-CLI-058": "output"}),
    "not waited for, and a URL in the output": ("gateway", {"NIB-CLI-065": "output"}),
    "crashed in a hurry": ("gateway", {"NIB-CLI-039": "outcome"}),
    "a success without a request": ("", {"NIB-CLI-016": "request"}),
    "silence and told": ("timeout", {}),
    "gateway told": ("gateway", {}),
    "gateway as a success": ("gateway", {"NIB-CLI-039": "outcome"}),
    "HTML under 200 as a success": ("html", {"NIB-CLI-042": "outcome"}),
    "empty as a success": ("empty", {"NIB-CLI-040": "outcome"}),
    "cut off as a success": ("cut-off", {"NIB-CLI-041": "outcome"}),
    "cut off, with a length": ("cut-off", {"NIB-CLI-041": "outcome"}),
    "whole, with a longer length": ("cut-off", {"NIB-CLI-041": "outcome"}),
    "a list as a success": ("no object", {"NIB-CLI-051": "outcome"}),
    "a success in a list as a success": ("no object", {"NIB-CLI-051": "outcome"}),
    "another root as a success": ("other root", {"NIB-CLI-048": "outcome"}),
    "a wrong label as a failure": ("wrong label", {}),
    "status as text as a success": ("success with another type of status", {"NIB-CLI-057": "outcome"}),
    "status as text, told": ("success with another type of status", {}),
    "status of another type, told": ("refusal with another type of status", {}),
    "status false as a success": ("success with another type of status", {"NIB-CLI-057": "outcome"}),
    "status true and crashed": ("refusal with another type of status", {"NIB-CLI-062": "outcome"}),
    "status true as a success": ("refusal with another type of status", {"NIB-CLI-056": "outcome"}),
    "no facts as a success": ("no facts", {"NIB-CLI-055": "outcome"}),
    "no facts, and some made up": (
        "no facts",
        {"NIB-CLI-055": "outcome", "NIB-CLI-024": "result, international_format_number"},
    ),
    "no status and crashed": ("no status", {"NIB-CLI-062": "outcome"}),
    "a fraction as a success": ("no status", {"NIB-CLI-045": "outcome"}),
    "an empty status, and nothing readable": (
        "refusal with another type of status",
        {"NIB-CLI-062": "outcome"},
    ),
    "a status beyond 32 bits, without its text": ("other status", {}),
    "a status of four digits, without its text": ("other status", {}),
    "the greatest status of the page, without its text": ("other status", {"NIB-CLI-029": "reason"}),
    "unknown status as a failure without its text": ("other status", {"NIB-CLI-029": "reason"}),
    "a status beyond 32 bits and crashed": ("other status", {"NIB-CLI-062": "outcome"}),
    "redirected sixty-one times": ("redirect redirect", {"NIB-CLI-021": "requests"}),
    "redirected fifty-one times": ("redirect redirect", {}),
    "no status as a success": ("no status", {"NIB-CLI-045": "outcome"}),
    "status null as a success": ("no status", {"NIB-CLI-045": "outcome"}),
    "status below 0 as a success": ("other status", {"NIB-CLI-028": "outcome"}),
    "HTTP 503 with a success": ("wrong HTTP status", {"NIB-CLI-052": "outcome"}),
    "a redirect": ("redirect", {}),
    "a DTD as a success": ("dtd", {"NIB-CLI-048": "outcome"}),
    "wrong credentials": ("refused credentials", {"NIB-CLI-018": "credentials"}),
    "another path": ("elsewhere", {"NIB-CLI-001": "path"}),
    "credentials after a redirect": ("redirect success", {"NIB-CLI-023": "outcome", "NIB-CLI-053": "URL"}),
    "credentials after a redirect, not waited for": ("redirect success", {"NIB-CLI-053": "URL"}),
    "Basic after a redirect, not waited for": ("redirect elsewhere", {"NIB-CLI-066": "header Authorization"}),
    "form after a redirect": (
        "redirect success",
        {"NIB-CLI-023": "outcome", "NIB-CLI-053": "parameter api_secret"},
    ),
    "none after a redirect": ("redirect refused credentials", {}),
    "back to the same host": ("redirect success", {"NIB-CLI-023": "outcome"}),
    "Basic after a redirect": ("redirect elsewhere", {"NIB-CLI-066": "header Authorization"}),
    "wrong Basic after a redirect": ("redirect refused credentials", {"NIB-CLI-066": "header Authorization"}),
    "another secret after a redirect": ("redirect refused credentials", {"NIB-CLI-053": "credentials"}),
    **LEAKED,
}


def kinds(lookup: LookupRecord) -> str:
    return " ".join(kind_of(evaluation_context(exchange, ACCOUNT)) for exchange in lookup.exchanges[-2:])


def test_cut_body_breaks_its_clause_once() -> None:
    """What follows a body explains why its last parameter cannot be decoded."""
    seen = record([RIGHT], BAD, post("number=442079460018&api_key=n3xm0rocks&api_secret=%3"), unread=b"7")
    broken = [one.finding.actual for one in ClientJudge(ACCOUNT).lookup(seen) if one.clause_id == "NIB-CLI-009"]
    assert broken == ["more bytes behind it"]


@pytest.mark.parametrize(
    ("case", "clause_id"), [("method in small letters", "NIB-CLI-002"), ("more bytes behind a body", "NIB-CLI-009")]
)
def test_unread_request_counts_once(case: str, clause_id: str) -> None:
    """It counts for its clause, unless the request before it does; that one is shown with the finding."""
    judge, seen = ClientJudge(ACCOUNT), RECORDS[case]
    shown = [one.exchange for one in judge.lookup(seen) if one.clause_id == clause_id]
    assert (judge.counted()[clause_id], shown) == (1, [seen.exchanges[0] if seen.exchanges else None])


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [(("", "no", "no"), ["request after the first, credentials"] * 2), (("no", "no", ""), ["credentials"] * 2)],
)
def test_later_request_is_placed(secrets: tuple[str, ...], expected: list[str]) -> None:
    """The place of a fault says where the first request of the lookup has not got it."""
    requests = [get(NUMBER, KEYS[0], ("api_secret", secret or KEYS[1][1])) for secret in secrets]
    broken = ClientJudge(ACCOUNT).lookup(with_requests(record([page(503)] * len(requests), BAD), requests))
    assert [one.finding.at for one in broken if one.clause_id == "NIB-CLI-018"] == expected


def test_host_is_judged_without_an_outcome() -> None:
    """The host that a redirect named is not asked in later lookups, whether the outcome is waited for or not."""
    judge = ClientJudge(ACCOUNT)
    judge.lookup(PLAIN)
    judge.lookup(LOOKUPS["a redirect"])
    assert places(judge.lookup(record([RIGHT], LATE, ELSEWHERE, hurried=True))) == {"NIB-CLI-063": "URL, host"}


@pytest.mark.parametrize("case", RECORDS)
def test_lookup_breaks_these(case: str) -> None:
    """After a plain success and a plain refusal that were told rightly."""
    judge = ClientJudge(ACCOUNT)
    assert not [*judge.lookup(PLAIN), *judge.lookup(PLAIN_NO)]
    assert (kinds(RECORDS[case]), places(judge.lookup(RECORDS[case]))) == EXPECTED[case]


@pytest.mark.parametrize(("held", "is_named"), [({"NIB-CLI-016"}, False), ({"NIB-CLI-016", "NIB-CLI-023"}, True)])
def test_answer_before_may_explain_a_failure(held: set[str], is_named: bool) -> None:
    """Not for a client that fails at every answer."""
    assert bool(EarlierLookups(held, kind="refusal").words) == is_named


@pytest.mark.parametrize(("times", "is_named"), [(0, True), (1, False)])
def test_answer_that_did_no_harm_is_not_named(times: int, is_named: bool) -> None:
    """An answer of its kind came before already, and the lookup after that was told as a success."""
    judge = ClientJudge(ACCOUNT)
    for earlier in [PLAIN, *[PLAIN_NO, PLAIN] * times, PLAIN_NO]:
        assert not judge.lookup(earlier)
    (failing,) = judge.lookup(LOOKUPS["success as a failure"])
    assert failing.finding.actual.endswith("before was: refusal") == is_named


@pytest.mark.parametrize(
    ("shown", "is_secret"), [("0a1b2c3d4e5f6***", True), ("***b2c3d4e5f6a7b", True), ("0a1b***", False)]
)
def test_most_of_a_secret_is_secret(shown: str, is_secret: bool) -> None:
    """A text that masks a few characters shows nearly all; the first four tell one account from another."""
    account = replace(ACCOUNT, api_secret="0a1b2c3d4e5f6a7b")
    request = get(NUMBER, KEYS[0], ("api_secret", account.api_secret))
    seen = record([NO], Outcome(False, status=3, reason=f"Invalid request {shown}"), request)
    assert [one.clause_id for one in ClientJudge(account).lookup(seen)] == ["NIB-CLI-058"] * is_secret
