"""Failures that depend on other requests: said of the leading ones, which are asked again alone."""

from __future__ import annotations

from typing import Any

from fakes import json_answer
from right.plain import Provider, Refused
from test_right_providers import run_of
from test_verification import plan, simulator
from test_verification import run as run_at

from ni_contract.exchanges.values import Answer, Request
from ni_contract.judge.root_causes import REPEATED
from ni_contract.report.terminal import terminal_report
from ni_contract.runs.recheck import AT_ANOTHER_TIME, LOCKED


class CachedByNumber(Provider):
    """A provider that keeps the facts of a number without its country."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[Any, Any] = {}

    def look_up(self, number: Any, country: Any) -> Any:
        if number not in self.kept:
            self.kept[number] = super().look_up(number, country)
        return self.kept[number]


class Locking(Provider):
    """A provider that refuses each credential after some wrong ones."""

    wrong = 0

    def check_credentials(self, params: Any, headers: Any) -> None:
        try:
            if self.wrong < 5:
                return super().check_credentials(params, headers)
        except Refused:
            self.wrong += 1
            raise
        raise Refused(4, "Invalid credentials")


def test_lock_is_said() -> None:
    """The block says that wrong credentials came before."""
    run = run_of(Locking())
    assert run.causes["documented"][0].clause_id in REPEATED
    assert LOCKED in terminal_report(run, "documented")


def test_right_answer_is_expected() -> None:
    """Of two answers to one request that one is expected which breaks no clause of its own."""
    state = {"count": 0}

    def send(request: Request) -> Request | Answer:
        if "number=123&" not in request.url:
            return request
        state["count"] += 1
        return json_answer('{"status": 4, "error_text": "Invalid credentials"}') if state["count"] == 1 else request

    outcome = run_at(simulator(send), plan(rate=4.0))
    verdict = next(v for v in outcome.verdicts["documented"] if v.clause.id in REPEATED and v.failures)
    (found,) = verdict.failures
    assert found.unmasked.expected == f"{AT_ANOTHER_TIME}: 5"
    assert found.unmasked.actual == "4"


def test_cache_without_country_is_said() -> None:
    """What the provider keeps of other requests leads, and each block says that its request alone may pass."""
    run = run_of(CachedByNumber())
    assert run.causes["documented"][0].clause_id in ("NIB-NUM-013", "NIB-REL-007", "NIB-REL-009")
    report = terminal_report(run, "documented")
    assert "the whole run shows it" in report
