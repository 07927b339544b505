"""Silences are waited for beside the other lookups where that can be, and a run of `witness` ends."""

from __future__ import annotations

import pytest
from client_commands import RIGHT
from witness.conftest import Commands

from ni_contract.clock import RealClock
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.stage import ClientStage, LookupWatch
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator.script import Script

# The second process of a client that may run only once.
LOCKED = """
import atexit, os
try:
    os.close(os.open({lock!r}, os.O_CREAT | os.O_EXCL))
except FileExistsError:
    {second}
else:
    atexit.register(os.remove, {lock!r})
"""
SECOND = {
    "ends": "raise SystemExit(3)",
    "fails": """
    import json, sys
    for line in sys.stdin:
        print(json.dumps({"id": json.loads(line)["id"], "ok": False, "status": None, "reason": "locked"}), flush=True)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_client_that_runs_once_is_judged(patient: Commands, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its silences are waited for after the other lookups."""
    # A second process records nothing, however long it is waited for.
    monkeypatch.setattr("ni_contract.drivers.client.asker.LATE_SECONDS", 2.0)
    patient.timeout = 3
    lock = str(patient.folder / "lock")
    code, report = patient.report("--", *patient.python(LOCKED.format(lock=lock, second=second) + RIGHT))
    assert (code, report["result"]) == (0, "conformant")
    verdicts = {clause["id"]: clause["verdict"] for clause in report["editions"]["documented"]["clauses"]}
    assert (verdicts["NIB-CLI-036"], verdicts["NIB-CLI-037"]) == ("pass", "pass")


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_endless_retries_end_at_max_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, watch = Clock(), LookupWatch()
    monkeypatch.setattr(RealClock, "monotonic", clock)

    def ask(lookup: Lookup, patience: Patience) -> Outcome | MissingOutcome:
        """A client that answers its first lookups, and never stops asking for the others."""
        url = f"http://127.0.0.1:8080/ni/basic/json?number={lookup.number.replace('+', '%2B')}"
        exchange = Exchange(Request("GET", url, (), b""), Answer(200))
        watch.record(exchange)
        clock.now += 1
        if clock.now < 10:
            return Outcome(True)
        while patience.left() > 0:
            clock.now += 1
            watch.record(exchange)
        return MissingOutcome("late", patience.words())

    plan = ClientPlan(Credentials(), load_catalogue().select("client"), max_time=100.0)
    run = witness("endless", ClientStage(ask, Script(), watch), plan)
    assert clock.now < 100 + 5
    assert any("(--max-time) was over" in note for note in run.notes)


def test_client_without_success_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, watch = Clock(), LookupWatch()
    monkeypatch.setattr(RealClock, "monotonic", clock)

    def ask(lookup: Lookup, _patience: Patience) -> Outcome:
        """A client whose lookups take ten seconds, and fail."""
        url = f"http://127.0.0.1:8080/ni/basic/json?number={lookup.number.replace('+', '%2B')}"
        watch.record(Exchange(Request("GET", url, (), b""), Answer(200)))
        clock.now += 10
        return Outcome(False)

    plan = ClientPlan(Credentials(), load_catalogue().select("client"))
    run = witness("failing", ClientStage(ask, Script(), watch), plan)
    assert any(note.startswith("the client reported no success in 30 s: ") for note in run.notes)


def test_client_without_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(RealClock, "monotonic", clock)

    def ask(lookup: Lookup, patience: Patience) -> MissingOutcome:
        """A client that starts too late."""
        clock.now += 5
        return MissingOutcome("late", patience.words())

    plan = ClientPlan(Credentials(), load_catalogue().select("client"), max_time=4.0)
    run = witness("slow", ClientStage(ask, Script(), LookupWatch()), plan)
    assert (set(run.results.values()), "(--max-time)" in run.error) == ({"error"}, True)
