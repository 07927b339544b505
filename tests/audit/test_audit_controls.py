"""A refusal in recorded traffic is judged by its control: a request about the same number that was served."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import ACCOUNT, SECRETS, URL, answer_of, jsonl, lookup

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.runs.audit import AuditPlan, AuditRules, audit, audited_clauses
from ni_contract.runs.run import Run
from ni_contract.simulator.lookup import refusal

NUMBER, UNKNOWN = "447700900000", "447700900555"
BASIC = (("Authorization", "Basic " + b64encode(f"{ACCOUNT.api_key}:{ACCOUNT.api_secret}".encode()).decode()),)
FORM, JSON = (("Content-Type", "application/x-www-form-urlencoded"),), (("Content-Type", "application/json"),)
SIGNED = "api_key=abcd1234&timestamp=1795427367&sig=28d248306b16b2b59615089424e18953"


def got(query: str, status: int = 3, wanted: str = "json", headers: Sequence[tuple[str, str]] = ()) -> Exchange:
    """A GET that is refused with *status*."""
    return Exchange(Request("GET", f"{URL}/{wanted}?{query}", tuple(headers)), answer_of(refusal(status), wanted))


def asked(number: str, status: int = 3, more: str = "") -> Exchange:
    return got(f"number={number}&{SECRETS}{more}", status)


def posted(number: str, status: int = 3) -> Exchange:
    request = Request("POST", f"{URL}/json", FORM, f"number={number}&{SECRETS}".encode())
    return Exchange(request, answer_of(refusal(status)))


def by_http(exchange: Exchange, http_status: int) -> Exchange:
    """*exchange* with an answer of HTTP alone."""
    return replace(exchange, answer=Answer(http_status, JSON, b'{"detail": "no"}'))


def audited(
    folder: Path,
    exchanges: Sequence[Exchange],
    account: Credentials | None = None,
    numbers: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Run:
    (folder / "log.jsonl").write_bytes(jsonl(exchanges))
    rules = AuditRules(account, audited_clauses(only), numbers=frozenset(numbers))
    return audit(AuditPlan(((str(folder / "log.jsonl"), "log.jsonl"),), rules))


def failing(run: Run, edition: str = "documented") -> list[tuple[str, int]]:
    return [(one.clause.id, one.failed) for one in run.verdicts[edition] if one.word == "fail"]


def basic(number: str, status: int, served: bool = False) -> Exchange:
    """A lookup with HTTP Basic."""
    found = got(f"number={number}", status, headers=BASIC)
    return replace(found, answer=lookup(number).answer) if served else found


NUMBER_BLAMED = {
    "a POST alone": [posted(UNKNOWN)],
    "a POST and its GET": [posted(UNKNOWN), asked(UNKNOWN)],
    "a POST, where another number is served": [posted(UNKNOWN, 5), lookup()],
    "separators": [asked("%2B44%207700%20900555")],
    "a country": [asked(UNKNOWN, more="&country=GB")],
    "a national number": [asked("07700900555", more="&country=GB")],
    "cnam": [asked("14155550100", more="&cnam=true")],
    "an unknown parameter": [asked(UNKNOWN, more="&page=1")],
    "UTF-8": [asked("44%C2%A07700900555")],
    "an Accept header": [got(f"number={UNKNOWN}&{SECRETS}", headers=(("Accept", "text/html"),))],
    "HTTP Basic, which is served elsewhere": [basic(UNKNOWN, 3), basic(NUMBER, 0, served=True)],
    "HTTP Basic, where the number is refused": [basic(UNKNOWN, 5)],
    "XML": [got(f"number={UNKNOWN}&{SECRETS}", wanted="xml")],
}
PROPERTY_BLAMED = {
    "NIB-REQ-002": [posted(NUMBER), lookup()],
    "NIB-REQ-007": [asked(NUMBER, more="&page=1"), lookup()],
    "NIB-NUM-002": [asked("44-7700-900000"), lookup()],
    "NIB-NUM-003": [asked("07700900000", more="&country=GB"), lookup()],
    "NIB-NUM-009": [asked(NUMBER, more="&country=GB"), lookup()],
    "NIB-NUM-011": [asked("14155550100", more="&cnam=true"), lookup("14155550100")],
    "NIB-REL-001": [got(f"number={NUMBER}&{SECRETS}", wanted="xml"), lookup()],
    "NIB-REQ-012": [replace(posted(UNKNOWN), answer=Failure("reset", "connection reset"))],
    "NIB-REQ-001": [by_http(asked(UNKNOWN), 422)],
}


@pytest.mark.parametrize("exchanges", NUMBER_BLAMED.values(), ids=NUMBER_BLAMED)
def test_number_is_blamed_without_control(exchanges: list[Exchange], tmp_path: Path) -> None:
    (found,) = failing(audited(tmp_path, exchanges))
    assert found[0] == "NIB-NUM-001"


@pytest.mark.parametrize(("clause_id", "exchanges"), PROPERTY_BLAMED.items(), ids=PROPERTY_BLAMED)
def test_property_is_blamed_with_control(clause_id: str, exchanges: list[Exchange], tmp_path: Path) -> None:
    """So is what needs no control, because the answer itself shows it."""
    assert (clause_id, 1) in failing(audited(tmp_path, exchanges))


@pytest.mark.parametrize(("http_status", "clause_id"), [(405, "NIB-REQ-002"), (415, "NIB-REQ-002")])
def test_http_status_names_property(http_status: int, clause_id: str, tmp_path: Path) -> None:
    assert failing(audited(tmp_path, [by_http(posted(UNKNOWN), http_status)])) == [(clause_id, 1)]


def test_control_of_failure_is_shown(tmp_path: Path) -> None:
    run = audited(tmp_path, [posted(NUMBER), lookup()])
    (verdict,) = [one for one in run.verdicts["documented"] if one.clause.id == "NIB-REQ-002"]
    assert verdict.failures[0].control is not None
    assert verdict.failures[0].control.origin == "log.jsonl:2"


def test_unjudged_clause_has_its_reason(tmp_path: Path) -> None:
    run = audited(tmp_path, [posted(UNKNOWN)])
    (verdict,) = [one for one in run.verdicts["documented"] if one.clause.id == "NIB-REQ-002"]
    assert (verdict.word, verdict.evaluated) == ("untested", 0)
    assert "nothing about the same number was served" in verdict.reason


@pytest.mark.parametrize(("status", "account"), [(3, None), (4, ACCOUNT)])
def test_basic_is_open_in_documented_edition(status: int, account: Credentials | None, tmp_path: Path) -> None:
    run = audited(tmp_path, [basic(NUMBER, status), lookup()], account)
    assert failing(run) == []
    assert ("NIB-AUT-006", 1) in failing(run, "observed")
    assert run.traffic is not None
    assert run.traffic.conforming == {"documented": 2, "observed": 1}


def test_signature_may_not_be_offered(tmp_path: Path) -> None:
    run = audited(tmp_path, [got(f"number={NUMBER}&{SIGNED}"), lookup()])
    assert failing(run) == []
    assert any("form of credentials" in note for note in run.notes)


def test_refusals_count_as_not_conforming(tmp_path: Path) -> None:
    run = audited(tmp_path, [posted(UNKNOWN), posted(UNKNOWN), asked(UNKNOWN), lookup()])
    assert failing(run) == [("NIB-NUM-001", 3)]
    assert run.traffic is not None
    assert run.traffic.conforming["documented"] == 1


def test_other_numbers_are_not_offered(tmp_path: Path) -> None:
    """A provider with canned answers is right if the caller says which numbers it knows."""
    run = audited(tmp_path, [posted(UNKNOWN), asked(UNKNOWN), lookup()], numbers=[NUMBER])
    assert (failing(run), run.results["documented"]) == ([], "partial")
    assert any("--numbers" in note for note in run.notes)
    assert failing(audited(tmp_path, [posted(UNKNOWN), lookup()], numbers=[NUMBER, UNKNOWN])) == [("NIB-NUM-001", 1)]


@pytest.mark.parametrize(
    "message", ["Client disconnected.", "Connection killed.", "net::ERR_ABORTED", "The operation was aborted"]
)
def test_client_that_went_away_is_no_fault(message: str, tmp_path: Path) -> None:
    run = audited(tmp_path, [replace(asked(NUMBER), answer=Failure("reset", message)), lookup()])
    assert failing(run) == []
    assert any("ended without an answer by the client" in note for note in run.notes)


def test_redirect_to_https_is_no_fault_of_provider(tmp_path: Path) -> None:
    """The fault is the client's, which sends its credentials without TLS."""
    plain = asked(NUMBER)
    request = replace(plain.request, url=plain.request.url.replace("https:", "http:"))
    told = Answer(301, (("Location", plain.request.url),), b"")
    assert failing(audited(tmp_path, [Exchange(request, told), lookup()])) == [("NIB-CLI-003", 1)]


def test_single_clause_has_its_controls(tmp_path: Path) -> None:
    """`--only` of the line that repeats a failure finds it again, and nothing else."""
    assert failing(audited(tmp_path, [posted(NUMBER), lookup()], only=["NIB-REQ-002"])) == [("NIB-REQ-002", 1)]
    assert failing(audited(tmp_path, [posted(UNKNOWN), lookup()], only=["NIB-REQ-002"])) == []
    assert failing(audited(tmp_path, [posted(UNKNOWN), lookup()], only=["NIB-NUM-001"])) == [("NIB-NUM-001", 1)]


def test_masked_basic_is_not_judged(tmp_path: Path) -> None:
    masked = got(f"number={NUMBER}", headers=(("Authorization", "Basic ***"),))
    assert ("NIB-AUT-006", 1) not in failing(audited(tmp_path, [masked, lookup()]), "observed")
