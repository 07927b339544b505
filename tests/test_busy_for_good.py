"""A provider that serves lookups at first, and is Busy from then on: one violation, and the rest is untested."""

from __future__ import annotations

import pytest
from mutants.verified import plan
from test_verification import refusal, run, simulator

from ni_contract.exchanges.values import Answer, Request
from ni_contract.runs.account import MAX_BUSY_CHECKS
from ni_contract.runs.ended import NOT_BUSY
from ni_contract.runs.recheck import BUSY_ONLY

pytestmark = pytest.mark.slow

RIGHT_SECRET = "12ab34cd"


@pytest.mark.parametrize(("served", "examples"), [(20, 0), (100, 0), (300, 20)])
def test_busy_for_good_is_one_violation(served: int, examples: int) -> None:
    """Among the vectors, at their end, and among the lookups behind them."""
    left = served

    def before(request: Request) -> Request | Answer:
        nonlocal left
        is_lookup = request.method == "GET" and RIGHT_SECRET in request.url
        left -= is_lookup
        return refusal(1, request) if left < 0 and is_lookup else request

    outcome = run(simulator(before), plan(examples=examples))
    (failing,) = (one for one in outcome.verdicts["documented"] if one.word == "fail")
    assert failing.clause.id == "NIB-NUM-001"
    assert failing.failures[0].finding.expected == NOT_BUSY
    assert outcome.causes["documented"][0].clause_id == "NIB-NUM-001"
    assert any("Busy (status 1) for good after" in one.reason for one in outcome.verdicts["documented"])


def test_busy_for_one_request_is_its_fault() -> None:
    """Where others are served, it is asked only a few times whether the target is Busy for good."""
    asked = 0

    def before(request: Request) -> Request | Answer:
        nonlocal asked
        asked += "number=442079460018&api" in request.url
        return refusal(1, request) if "country=GB" in request.url else request

    outcome = run(simulator(before), plan(rate=4.0, examples=20))
    assert "NIB-NUM-003" in [one.clause_id for one in outcome.causes["documented"]]
    assert 0 < asked < 200 + MAX_BUSY_CHECKS


def test_busy_for_everything_is_so_alone() -> None:
    outcome = run(simulator(lambda request: refusal(1, request)), plan(examples=0))
    (first,) = (one for one in outcome.verdicts["documented"] if one.clause.id == "NIB-NUM-001")
    assert first.failures[0].finding.actual.startswith("status 1")
    assert first.failures[0].alone != BUSY_ONLY
