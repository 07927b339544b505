"""Clients with a state of their own: circuit breakers, rate limits, connections that stay broken."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from urllib.parse import urlencode

import pytest

from ni_contract.clock import RealClock
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.cases import Case, client_cases
from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.stage import ClientStage, LookupWatch
from ni_contract.drivers.client.witness import drive
from ni_contract.exchanges.client_lookup import Lookup, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator.script import Script

NOT_ASKED = ("NIB-CLI-016", "NIB-CLI-017")


class Client:
    """A client that fails every lookup but the plain ones, and asks nothing any more after *limit* failures."""

    def __init__(self, limit: int, refused: str = "", status: int | None = None, refused_again: bool = False) -> None:
        self.refused_again = refused_again
        self.known: set[str] = set()
        self.watch, self.script, self.status = LookupWatch(), Script(), status
        self.limit, self.refused, self.failures, self.restarts = limit, refused, 0, 0

    def ask(self, lookup: Lookup, _patience: Patience) -> Outcome:
        if self.refused_again and lookup.number in self.known:
            return Outcome(False, reason="asked already")
        self.known.add(lookup.number)
        if self.failures >= self.limit or (self.refused and self.refused in lookup.number):
            self.failures += 1
            return Outcome(False, None, self.status, "not now")
        query = urlencode({"number": lookup.number, "country": lookup.country or "GB"})
        self.watch.record(Exchange(Request("GET", f"http://127.0.0.1/ni/basic/json?{query}"), Answer(200)))
        is_good = not self.script.remaining
        self.failures = 0 if is_good else self.failures + 1
        return Outcome(is_good)

    def restart(self) -> None:
        self.restarts += 1
        self.known = set()
        self.failures = 0

    def judged(self, restart: Callable[[], None] | None) -> Run:
        plan = ClientPlan(Credentials(), load_catalogue().select("client", NOT_ASKED))
        return witness("a client", ClientStage(self.ask, self.script, self.watch, restart=restart), plan)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = VirtualClock(0.0)
    monkeypatch.setattr(RealClock, "monotonic", clock)
    monkeypatch.setattr(RealClock, "sleep", clock.sleep)


def unasked(run: Run) -> int:
    failures = chain.from_iterable(verdict.failures for verdict in run.verdicts["documented"])
    return sum(found.finding.actual.startswith("no request came") for found in failures)


def test_circuit_breaker_gets_new_process() -> None:
    client = Client(limit=2)
    run = client.judged(client.restart)
    assert (unasked(run), client.restarts > 5) == (0, True)
    assert any("lookups asked for only after a pause or by a new process" in note for note in run.notes)


def test_status_of_an_earlier_answer_is_no_breaker() -> None:
    """A client that asks nothing has no status of the API to report."""
    client = Client(limit=2, status=4)
    assert (unasked(client.judged(client.restart)) > 5, client.restarts) == (True, 1)  # at the end


def test_known_number_gets_no_new_process() -> None:
    """A client that refuses a number that it was asked before, in another country or the same, is not excused."""
    client = Client(limit=1_000, refused_again=True)
    assert unasked(client.judged(client.restart)) == 4


def test_open_circuit_breaker_is_noted() -> None:
    """Without a new process its lookups are not judged."""
    run = Client(limit=2).judged(None)
    assert (unasked(run), any("not judged" in note for note in run.notes)) == (0, True)


def test_client_broken_by_one_failure_fails() -> None:
    client = Client(limit=1)
    assert unasked(client.judged(client.restart)) > 0


@pytest.mark.parametrize("can_restart", [True, False])
def test_number_refused_by_client_fails(can_restart: bool) -> None:
    """Both lookups of such a number fail, with a country and without."""
    client = Client(limit=1_000, refused="(")
    assert unasked(client.judged(client.restart if can_restart else None)) == 2


def test_pause_before_a_repetition_is_no_slowness() -> None:
    """A client that waits before it asks again is not asked a second time, for the time was its own."""
    watch, script, asked = LookupWatch(), Script(), []

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        asked.append(lookup)
        request = Request("GET", f"http://127.0.0.1/ni/basic/json?number={lookup.number}")
        for _ in range(2):
            RealClock.sleep(1.0)
            watch.record(Exchange(request, Answer(200)))
        return Outcome(False, reason="refused")

    drive(ClientStage(ask, script, watch), [Case("plain", "an answer at once", "447700900000")], 1.0)
    assert len(asked) == 1


@pytest.mark.parametrize(("timeout", "asked"), [(0.001, 2), (60.0, 1)])
def test_late_failure_is_asked_again(timeout: float, asked: int) -> None:
    """A failure of an answer that came at once may be a time-out of a busy machine, if its time is over."""
    watch, script = LookupWatch(), Script()
    outcomes = [Outcome(True), Outcome(False, reason="timed out")]

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        watch.record(Exchange(Request("GET", f"http://127.0.0.1/ni/basic/json?number={lookup.number}"), Answer(200)))
        RealClock.sleep(0.002)
        return outcomes.pop()

    seen = drive(ClientStage(ask, script, watch), [Case("plain", "an answer at once", "447700900000")], timeout)
    assert [isinstance(one.reported, Outcome) and one.reported.ok for one in seen] == [asked == 2]
    assert len(outcomes) == 2 - asked


def test_answers_at_once_are_known() -> None:
    """A client may ask again after the others, or wait for them."""
    known = {case.id: case.is_answered_at_once for case in client_cases()}
    at_once = ("plain", "own-text-observed", "no-object-list", "pieces", "status-4-documented", "bare-5-observed")
    assert all(known[case] for case in at_once)
    others = ("http-503", "http-500-success", "reset", "busy", "silence", "stall", "slow", "redirect", "untrusted")
    assert not any(known[case] for case in others)


def test_open_breaker_may_withhold_a_repeated_lookup() -> None:
    """A failure without a request is not judged by the answer that the client had before: it is asked again."""
    cases = [next(case for case in client_cases() if case.id == name) for name in ("digits", "http-500", "reset")]
    client, again = Client(limit=2), next(case for case in client_cases() if case.again == "digits")
    stage = ClientStage(client.ask, client.script, client.watch, restart=client.restart)
    seen = drive(stage, (*cases, again), 1.0)
    assert seen[-1].exchanges
    assert seen[-1].exchanges[0] is not seen[0].exchanges[0]
    assert isinstance(seen[-1].reported, Outcome)
    assert seen[-1].reported.ok
