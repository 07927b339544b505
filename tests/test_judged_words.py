"""What is said of each counterexample, word by word: the place, what is expected, what is there."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.judge import Violation
from ni_contract.report.counterexample import judge_counterexample

RATE = 5


def words(judged: Violation) -> str:
    found = judged.finding
    return f"{judged.clause_id} {found.at}: expected {found.expected}; actual {found.actual}"


@pytest.mark.parametrize("area", sorted({clause.id[:7] for clause in load_catalogue()}))
def test_words_of_counterexamples(area: str, snapshot: SnapshotAssertion) -> None:
    """In few tests, for mutants of the judge are run through them by the thousand."""
    ids = [clause.id for clause in load_catalogue() if clause.id.startswith(area)]
    assert {clause_id: [words(one) for one in judge_counterexample(clause_id, RATE)] for clause_id in ids} == snapshot
