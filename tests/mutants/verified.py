"""Runs `verify` on broken providers, always at the same time: their signatures have the same digits in each run."""

from __future__ import annotations

from typing import Any

from mutants.tools import ACCOUNT, RATE, Mutant, MutantTarget
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import CLAIMABLE, Claims
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

NOW = 1_795_427_367.0
CLAUSES = load_catalogue().select("provider")
EVERYTHING = Claims(frozenset(CLAIMABLE))


def plan(claims: Claims = EVERYTHING, **changes: Any) -> VerifyPlan:
    """A plan without drawn requests, unless *changes* has other fields."""
    return VerifyPlan(**{"account": ACCOUNT, "claims": claims, "clauses": CLAUSES, "examples": 0, **changes})


def run_of(mutant: Mutant, the_plan: VerifyPlan, rate: int | None = RATE) -> Run:
    """The run of *the_plan* on *mutant*, whose rate limit is *rate*."""
    clock = VirtualClock(NOW)
    target = MutantTarget(mutant, clock, rate)
    try:
        return verify(target, the_plan, clock=clock, sleep=clock.sleep)
    finally:
        target.close()
