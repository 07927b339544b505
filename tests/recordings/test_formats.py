"""Each format is read: a right sample passes with one exchange, the same with one lie fails the clause of the lie."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge
from ni_contract.recordings import read_recordings
from ni_contract.recordings.entry import Recorded

SAMPLES = Path(__file__).with_name("samples")
NAMES = sorted(path.name for path in SAMPLES.iterdir())
# The country_prefix as a number, however often its quotes are escaped.
TRUTH = re.compile(r"""(country_prefix\\*"?\s*:\s*)\\*["']44\\*["']""")


def verdicts(recorded: list[Recorded]) -> tuple[int, set[str]]:
    """How many exchanges there are, and the MUST clauses that they break."""
    exchanges = [one for one in recorded if isinstance(one, Exchange)]
    assert len(exchanges) == len(recorded), recorded
    judge = Judge()
    broken = [found for one in exchanges for found in (*judge.provider(one), *judge.client(one))]
    return len(exchanges), {found.clause_id for found in broken}


@pytest.mark.parametrize("name", NAMES)
def test_right_sample_passes(name: str) -> None:
    assert verdicts(list(read_recordings(SAMPLES / name))) == (1, set())


@pytest.mark.parametrize("name", NAMES)
def test_lying_sample_fails_its_clause(name: str, tmp_path: Path) -> None:
    written, count = TRUTH.subn(r"\g<1>44", (SAMPLES / name).read_text())
    assert count
    (tmp_path / name).write_text(written)
    assert verdicts(list(read_recordings(tmp_path / name))) == (1, {"NIB-RES-015"})
