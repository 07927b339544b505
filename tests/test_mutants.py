"""Every clause has a mutant that fails only it."""

from __future__ import annotations

import pytest
from mutants.providers import PROVIDERS
from mutants.tools import RATE, Mutant
from mutants.verified import CLAUSES, plan, run_of

from ni_contract.contract.features import CLAIMABLE, Claims
from ni_contract.judge.verdicts import FAIL, WARN
from ni_contract.runs.run import Run

PLAN = plan(Claims(frozenset(CLAIMABLE), throttle=RATE))


def failing(run: Run, edition: str) -> set[str]:
    return {verdict.clause.id for verdict in run.verdicts[edition] if verdict.word in (FAIL, WARN)}


def test_every_provider_clause_has_a_mutant() -> None:
    assert set(PROVIDERS) == {clause.id for clause in CLAUSES}


@pytest.mark.parametrize("edition", ["documented", "observed"])
def test_right_provider_passes_everything(edition: str) -> None:
    """The unbroken provider fails nothing and leaves nothing untested."""
    run = run_of(Mutant(edition=edition), PLAN)
    assert {verdict.word for verdict in run.verdicts[edition]} == {"pass"}


@pytest.mark.slow
@pytest.mark.parametrize("clause_id", sorted(PROVIDERS))
def test_mutant_fails_only_its_clause(clause_id: str) -> None:
    mutant = PROVIDERS[clause_id]
    assert failing(run_of(mutant, PLAN), mutant.edition) == {clause_id, *mutant.falls_with}
