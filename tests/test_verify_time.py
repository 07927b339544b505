"""A run of `verify` ends within its time, however the target behaves."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest
from direct import direct_provider
from right.plain import Provider
from thoroughness import ask_few_regions

from ni_contract.clock import RealClock
from ni_contract.commands.verify import configure, plan_from
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

pytestmark = pytest.mark.slow

MAX_SECONDS, TIMEOUT = 30.0, 10.0


class SlowTarget:
    """A right provider over HTTP whose every *late*-th answer takes *seconds* of the clock *now*."""

    name = base_url = "http://127.0.0.1:1/ni/basic"
    reachable = False
    places: tuple[str, ...] = (base_url,)

    def __init__(self, seconds: float, late: int) -> None:
        self.now, self._seconds, self._late, self._count = 0.0, seconds, late, 0
        self._provider = Provider()

    def send(self, request: Request) -> Result:
        return self.start(request, TIMEOUT)()

    def start(self, request: Request, seconds: float) -> Callable[[], Result]:
        self._count += 1
        end = self.now + min(seconds, TIMEOUT)
        ready = self.now + (self._seconds if self._count % self._late == 0 else 0.01)

        def result() -> Result:
            self.now = max(self.now, min(ready, end))
            return self._answer(request) if ready <= end else Failure("timeout", "no complete answer")

        return result

    def _answer(self, request: Request) -> Answer:
        _, _, rest = request.url.partition("//127.0.0.1:1")
        path, _, query = rest.partition("?")
        headers = {name.lower(): value for name, value in request.headers}
        status, content_type, body = self._provider(request.method, path, query, headers, request.body)
        return Answer(status, (("content-type", content_type),), body)

    def close(self) -> None:
        """There is nothing to close."""


@pytest.mark.parametrize(("seconds", "late"), [(7, 1), (7, 3), (60, 1), (60, 3)], ids=str)
@pytest.mark.parametrize("jobs", [1, 4])
def test_slow_target_ends_at_max_time(monkeypatch: pytest.MonkeyPatch, seconds: float, late: int, jobs: int) -> None:
    target = SlowTarget(seconds, late)
    monkeypatch.setattr(RealClock, "monotonic", lambda: target.now)
    clauses = load_catalogue().select("provider")
    plan = VerifyPlan(Credentials(), parse_claims("", True), clauses, examples=20, jobs=jobs, max_seconds=MAX_SECONDS)
    run = verify(target, plan)
    assert target.now <= MAX_SECONDS + 5
    words = {verdict.word for verdict in run.verdicts["documented"]}
    assert run.error or "untested" in words


def test_declared_pace_leaves_time_for_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a declared pace, the lookups about declared numbers do not use up the time of the run."""
    clock, numbers = VirtualClock(1_795_427_367.0), tuple(f"4477009000{last}" for last in range(10, 30))
    monkeypatch.setattr(RealClock, "monotonic", clock)
    clauses = load_catalogue().select("provider")
    plan = VerifyPlan(Credentials(), parse_claims("", True), clauses, rate=1.0, examples=10, numbers=numbers)
    run = verify(direct_provider(Provider(numbers=numbers, clock=clock)), plan, clock=clock, sleep=clock.sleep)
    assert run.results["documented"] == "partial"
    assert not any("--max-time" in note for note in run.notes)


def test_silent_target_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    target = SlowTarget(60, 1)
    monkeypatch.setattr(RealClock, "monotonic", lambda: target.now)
    plan = VerifyPlan(Credentials(), parse_claims("", True), load_catalogue().select("provider"), max_seconds=4.0)
    run = verify(target, plan)
    assert (set(run.results.values()), run.error.startswith("no answer from the target")) == ({"error"}, True)


def notes_of(monkeypatch: pytest.MonkeyPatch, target: SlowTarget, seconds: float) -> list[str]:
    monkeypatch.setattr(RealClock, "monotonic", lambda: target.now)
    clauses = load_catalogue().select("provider")
    run = verify(target, VerifyPlan(Credentials(), parse_claims("", True), clauses, jobs=4, max_seconds=seconds))
    return [note for note in run.notes if "planned requests" in note or "timed out" in note]


def test_unsent_requests_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is the vectors, the numbers of all regions and the drawn requests; one answer a second reaches few."""
    (note,) = notes_of(monkeypatch, SlowTarget(1, 1), 20)
    unsent, planned = (int(word) for word in note.split() if word.isdigit())
    assert (planned > 1_500, planned - 100 < unsent < planned) == (True, True)


def test_late_answer_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that times out beside others is sent again alone, which the report says; a quick one is not noted."""
    ask_few_regions(monkeypatch)
    (note,) = notes_of(monkeypatch, SlowTarget(5, 100), 600)
    assert note.startswith("requests that timed out beside others")
    assert notes_of(monkeypatch, SlowTarget(1, 10_000), 600) == []


@pytest.mark.parametrize(
    ("flags", "seconds"), [((), 120), (("--jobs", "1"), 240), (("--jobs", "1", "--max-time", "9"), 9)]
)
def test_jobs_set_time_limit(flags: tuple[str, ...], seconds: float) -> None:
    """Requests that are sent one after the other need more time."""
    parser = argparse.ArgumentParser()
    configure(parser)
    assert plan_from(parser.parse_args(flags)).max_seconds == seconds
