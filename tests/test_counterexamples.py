"""The counterexamples that ship with the contract really break their clauses."""

from __future__ import annotations

import pytest
from mutants.tools import RATE

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.report.counterexample import broken_example, counterexamples, judge_counterexample


def test_every_clause_has_a_counterexample() -> None:
    assert set(counterexamples()) == {clause.id for clause in load_catalogue()}


@pytest.mark.parametrize("clause_id", [clause.id for clause in load_catalogue()])
def test_a_counterexample_breaks_its_clause(clause_id: str) -> None:
    assert clause_id in {judged.clause_id for judged in judge_counterexample(clause_id, RATE)}


def test_an_explained_counterexample_shows_no_credentials() -> None:
    for clause in load_catalogue():
        shown = "\n".join(broken_example(clause.id))
        assert "12ab34cd" not in shown
        assert "n3xm0rocks" not in shown
