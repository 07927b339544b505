"""A recording of the API is replaced only by one that is as good."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path

import pytest

from live.conftest import Live
from live.standin import StandIn, whole_plan
from live.test_live_interruption import RATE, Runs, opened, runs  # noqa: F401  a fixture

RECORD = ["--record", "live.har"]


def count(file: str) -> int:
    return len(json.loads(Path(file).read_text())["log"]["entries"])


def test_failed_run_keeps_old_recording(stand_in: StandIn, command: Live) -> None:
    """A run without an answer of the API keeps the old recording."""
    assert command("live", "--live", *stand_in.flags, *RECORD)[0] in (0, 1)
    before = Path("live.har").read_bytes()
    assert count("live.har") == whole_plan()
    with StandIn(script=({"http_status": 503, "repeat": 100},)) as gone:
        _, out, _ = command("live", "--live", *gone.flags, *RECORD)
    assert Path("live.har").read_bytes() == before
    assert "so that stays as it was: the new recording is in" in out
    assert 0 < count("live.incomplete-1.har") < whole_plan()


def test_smaller_run_keeps_the_larger_recording(stand_in: StandIn, command: Live) -> None:
    command("live", "--live", *stand_in.flags, *RECORD)
    before = Path("live.har").read_bytes()
    _, out, _ = command("live", "--live", *stand_in.flags, *RECORD, "--budget", "2")
    assert Path("live.har").read_bytes() == before
    assert f"this run has 2 of the 2 answers that it is meant to have, and live.har has {whole_plan()}" in out
    assert count("live.incomplete-1.har") == 2


def test_whole_run_replaces_the_old_recording(stand_in: StandIn, command: Live) -> None:
    command("live", "--live", *stand_in.flags, *RECORD)
    before = Path("live.har").read_bytes()
    command("live", "--live", *stand_in.flags, *RECORD)
    assert Path("live.har").read_bytes() != before
    assert [file.name for file in Path().iterdir()] == ["live.har"]
    assert count("live.har") == whole_plan()


@pytest.mark.parametrize(
    "flags",
    [
        ["--record", "a.json", "--report", "a.json"],
        ["--record", "a.json", "--ledger", "a.json"],
        ["--report", "a.json", "--report", "./a.json"],
        ["--record", "/dev/null"],
    ],
)
def test_conflicting_files_are_refused(stand_in: StandIn, command: Live, flags: list[str]) -> None:
    """Files that would overwrite each other are refused."""
    assert command("live", "--live", *stand_in.flags, *flags)[0] == 2
    assert not stand_in.received


@pytest.mark.slow
def test_old_recording_survives_kill(
    runs: Runs,  # noqa: F811
    stand_in: StandIn,
    command: Live,
    tmp_path: Path,
) -> None:
    """The old recording exists after a kill at any moment."""
    command("live", "--live", *stand_in.flags, *RECORD)
    before = Path("live.har").read_bytes()
    chosen = random.Random(11)  # noqa: S311
    for _ in range(12):
        after = chosen.randrange(1, whole_plan())
        runs.end(tmp_path / "live", after, chosen.random() / RATE, signal.SIGKILL)
        # On a busy machine a run may have ended before the signal.
        assert Path("live.har").read_bytes() == before or count("live.har") == whole_plan()
        before = Path("live.har").read_bytes()
    assert all(opened(file) is not None for file in tmp_path.glob("*.har"))
