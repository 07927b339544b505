"""Which requests a live run sends, in which order, what each is there for, and what stays untested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ni_contract.contract.catalogue import EDITIONS, Clause
from ni_contract.contract.features import Claims
from ni_contract.drivers.live.driver import PlannedRequest
from ni_contract.drivers.provider.vectors import Vector, lookup_vectors, placeholders_of
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge import Judge
from ni_contract.runs.live.coverage import OWN_IDS, Coverage, measure, play
from ni_contract.runs.live.set_cover import (
    Requirements,
    TooLargeError,
    best_of_size,
    covers,
    greedy_cover,
    improved,
    smallest_cover,
)

MAX_REQUESTS = 40
# Guesses that are close to the real secret look like an attack, and are nobody else's business.
_NEAR_MISSES = frozenset({"api_secret.cut", "api_secret.extended", "api_secret.other_case", "api_key.other_case"})
_NEVER_BUSY = "the rate limit is never provoked live"
_NO_SECRET = "no signature secret was given"
_OVER_BUDGET = "not among the {} requests that the budget allows"
_NO_VECTOR = "no request that is sent live exercises it"


@dataclass(frozen=True, slots=True)
class LivePlan:
    """The requests in order, the budget, why each clause that is left out stays untested; *smallest*: it is proven."""

    steps: tuple[PlannedRequest, ...]
    budget: int
    untested: Mapping[str, str] = field(default_factory=dict)
    smallest: bool = True

    @property
    def charged(self) -> int:
        """How many of the requests are charged for, where the API answers as the contract says."""
        return sum(step.charged for step in self.steps)


@lru_cache(maxsize=8)
def make_plan(
    claims: Claims, clauses: tuple[Clause, ...], has_signature_secret: bool, budget: int | None, chosen: bool = False
) -> LivePlan:
    """The smallest plan that exercises all *clauses* that can be tested live, or the *budget* requests that do most.

    *chosen*: somebody named the clauses; they are exercised or the plan is refused. Raises UsageError.
    """
    most = MAX_REQUESTS if budget is None else budget
    if most < 1:
        raise UsageError("--budget 0 allows no request; give at least 1, or no budget for the smallest plan")
    vectors = candidates(claims, has_signature_secret)
    coverage = measure(vectors)
    wanted = _wanted(coverage.ways, clauses)
    picked, smallest = _pick(coverage, wanted, most)
    plan = LivePlan(_steps(vectors, picked, coverage, clauses), most, smallest=smallest)
    plan = LivePlan(plan.steps, most, _untested(plan, claims, clauses, has_signature_secret, wanted), smallest)
    if chosen and (missed := [i for i, why in plan.untested.items() if why == _OVER_BUDGET.format(most)]):
        needed = len(_cover(wanted)[0])
        raise UsageError(
            f"--budget {most}: to exercise {', '.join(missed[:5])} too takes {needed} requests; "
            f"give --budget {needed}, or name fewer clauses with --only"
        )
    return plan


def candidates(claims: Claims, has_signature_secret: bool) -> list[Vector]:
    """The vectors that may be sent live, in order: what is claimed, and no near misses of the secret."""
    return [
        vector
        for vector in lookup_vectors()
        if claims.covers(vector.needs)
        and (has_signature_secret or "signature" not in vector.needs)
        and _NEAR_MISSES.isdisjoint(placeholders_of(vector))
    ]


def _wanted(ways: Requirements, clauses: Iterable[Clause]) -> Requirements:
    ids = {clause.id for clause in clauses}
    return {name: known for name, known in ways.items() if name.split()[0] in ids}


def _cover(wanted: Requirements) -> tuple[frozenset[str], bool]:
    try:
        return smallest_cover(wanted), True
    except TooLargeError:
        return greedy_cover(wanted), False


def _pick(coverage: Coverage, wanted: Requirements, budget: int) -> tuple[frozenset[str], bool]:
    """The ids of the vectors to send: of all choices as small, one that shows much in both formats and editions."""
    cover, smallest = _cover(wanted)
    if len(cover) > budget:
        return best_of_size(wanted, budget), smallest

    def worth(chosen: frozenset[str]) -> float:
        if not covers(wanted, chosen):
            return -1
        return len(frozenset().union(*(coverage.cases[vector] for vector in chosen)))

    return improved(cover, coverage.cases, worth), smallest


def _steps(
    vectors: Sequence[Vector], picked: frozenset[str], coverage: Coverage, clauses: Sequence[Clause]
) -> tuple[PlannedRequest, ...]:
    """What each vector serves is not reckoned: the plan is played against both simulators and judged."""
    order = [vector for vector in vectors if vector.id in picked]
    wanted = {clause.id for clause in clauses}
    fresh = [_fresh(order, edition) for edition in EDITIONS]
    seen: set[str] = set()
    steps = []
    for vector, *serves in zip(order, *fresh, strict=True):
        new = sorted((frozenset().union(*serves) & wanted) - seen)
        seen.update(new)
        steps.append(
            PlannedRequest(vector, tuple(new), vector.id in coverage.served, vector.id not in coverage.refused)
        )
    return tuple(steps)


def _fresh(order: Sequence[Vector], edition: str) -> list[frozenset[str]]:
    judge = Judge(Credentials(), strict=True)
    found = []
    for exchange in play(order, edition):
        before = frozenset(judge.evaluated)
        judge.provider(exchange)
        found.append(frozenset(judge.evaluated) - before)
    return found


def _untested(
    plan: LivePlan, claims: Claims, clauses: Iterable[Clause], has_signature_secret: bool, wanted: Requirements
) -> dict[str, str]:
    served = {clause_id for step in plan.steps for clause_id in step.serves}
    known = {OWN_IDS, *(name.split()[0] for name in wanted)}
    reasons = {}
    for clause in clauses:
        if clause.id not in served:
            reasons[clause.id] = _reason(clause, claims, has_signature_secret, clause.id in known, plan.budget)
    return reasons


def _reason(clause: Clause, claims: Claims, has_signature_secret: bool, is_known: bool, budget: int) -> str:
    if "throttle" in clause.needs:
        return _NEVER_BUSY
    if "signature" in clause.needs and not has_signature_secret and not is_known:
        return _NO_SECRET
    missing = [feature for feature in clause.needs if feature not in claims.claimed]
    if missing:
        return f"{missing[0]} is not claimed"
    return _OVER_BUDGET.format(budget) if is_known else _NO_VECTOR
