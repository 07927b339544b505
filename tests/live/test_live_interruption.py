"""A live run ended at any moment leaves a readable recording with every finished exchange."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from live.standin import ENVIRONMENT, SECRETS, StandIn, whole_plan
from ni_contract.drivers.live.signal_guard import SignalGuard
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import Interrupted
from ni_contract.recordings import read_recordings

RATE = 50


class Runs:
    """Runs that can be ended at a chosen request."""

    def __init__(self) -> None:
        tests = Path(__file__).parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MODULE.format(folder=str(tests))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self, name: Path, after: int, pause: float, with_signal: int) -> tuple[int, int]:
        """Ends a run by *with_signal*, *pause* seconds after its request number *after* came in.

        How it ended, and how many requests came in. The stand-in is the run's own and has ended when it is asked: what
        a killed run has sent may come in after its end.
        """
        with StandIn() as stand_in:
            ended = self._ended(name, stand_in, after, pause, with_signal)
        return ended, len(stand_in.received)

    def _ended(self, name: Path, stand_in: StandIn, after: int, pause: float, with_signal: int) -> int:
        assert self._process.stdin is not None
        print(json.dumps([str(name), *stand_in.flags, "--rate", str(RATE)]), file=self._process.stdin, flush=True)
        child = int(self._line())
        deadline = time.monotonic() + 300
        while len(stand_in.received) < after:
            assert time.monotonic() < deadline, "the run did not come so far"
            time.sleep(0.002)
        time.sleep(pause)
        with suppress(ProcessLookupError):
            os.kill(child, with_signal)
        return int(self._line())

    def close(self) -> None:
        """Ends the process that starts the runs."""
        self._process.communicate()


_MODULE = "import runpy, sys; sys.path.insert(0, {folder!r}); runpy.run_module('live.forked_runs', run_name='__main__')"


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        found = Runs()
        yield found
        found.close()


def opened(file: Path) -> list[Exchange]:
    """The exchanges of a recording, each readable by two readers."""
    entries = json.loads(file.read_text())["log"]["entries"]
    # A recording without an entry is none for a reader; the first answer may not have arrived.
    exchanges = list(read_recordings(file)) if entries else []
    assert all(isinstance(exchange, Exchange) for exchange in exchanges)
    assert len(entries) == len(exchanges)
    return [exchange for exchange in exchanges if isinstance(exchange, Exchange)]


def no_secret_in_any_file(folder: Path) -> bool:
    texts = [file.read_bytes() for file in folder.iterdir()]
    return not [secret for secret in SECRETS for text in texts if secret.encode() in text]


@pytest.mark.slow
def test_killed_twenty_times_at_random(runs: Runs, tmp_path: Path) -> None:
    # The requests are fixed; the exact moments after them depend on the machine anyway.
    chosen = random.Random(20261124)  # noqa: S311
    killed = 0
    for number in range(120):
        after, pause = chosen.randrange(1, whole_plan()), chosen.random() / RATE
        ended, received = runs.end(tmp_path / f"run-{number}", after, pause, signal.SIGKILL)
        # On a busy machine a run may have ended before the signal: it does not count.
        killed += ended == -signal.SIGKILL
        # The answer to the last request may not have arrived.
        assert received - 1 <= len(opened(tmp_path / f"run-{number}.har")) <= received
        if killed == 20:
            break
    assert killed == 20
    assert no_secret_in_any_file(tmp_path)


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [1, 17])
def test_interruption_finishes_the_current_request(runs: Runs, with_signal: int, after: int, tmp_path: Path) -> None:
    """An interrupted run finishes the current request and reports."""
    ended, received = runs.end(tmp_path / "run", after, 0, with_signal)
    assert ended == 128 + with_signal
    assert after <= received < whole_plan()
    assert len(opened(tmp_path / "run.har")) == received
    report = json.loads((tmp_path / "run.json").read_text())
    name = signal.Signals(with_signal).name
    assert report["error"] == f"interrupted ({name}) after {received} requests"
    assert (report["requests"], report["result"]) == (received, "error")
    assert no_secret_in_any_file(tmp_path)


def test_signal_ends_pause_at_once() -> None:
    def signalled(_seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)

    with pytest.raises(Interrupted), SignalGuard(signalled) as interruption:
        interruption.sleep(60)


def test_second_signal_ends_exchange() -> None:
    with SignalGuard() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted):
            interruption.check()
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)


def test_signals_are_handled_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with SignalGuard():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
