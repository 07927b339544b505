"""The counterexamples that ship with the contract really break their clauses."""

from __future__ import annotations

import pytest
from mutants.lookups import MUTANTS
from mutants.providers import PROVIDERS
from mutants.recordings import FALLS_WITH
from mutants.tools import RATE

from ni_contract.contract.catalogue import DOCUMENTED, load_catalogue
from ni_contract.report.counterexample import broken_example, counterexamples, judge_counterexample


def test_every_clause_has_a_counterexample() -> None:
    assert set(counterexamples()) == {clause.id for clause in load_catalogue()}


@pytest.mark.parametrize("clause_id", [clause.id for clause in load_catalogue()])
def test_counterexample_breaks_exactly_its_clause(clause_id: str) -> None:
    """A counterexample breaks its clause and those that its mutant declares to fail with it, in its edition."""
    mutant = PROVIDERS.get(clause_id) or MUTANTS.get(clause_id)
    edition = getattr(mutant, "edition", None) or DOCUMENTED
    catalogue = load_catalogue()
    broken = {judged.clause_id for judged in judge_counterexample(clause_id, RATE)}
    bound = {broken_id for broken_id in broken if catalogue[broken_id].binds(edition)}
    assert bound - {*getattr(mutant, "falls_with", ()), *FALLS_WITH.get(clause_id, ())} == {clause_id}


def test_an_explained_counterexample_shows_no_credentials() -> None:
    for clause in load_catalogue():
        shown = "\n".join(broken_example(clause.id))
        assert "12ab34cd" not in shown
        assert "n3xm0rocks" not in shown
        assert "s3cretS3cret" not in shown
