"""The plan of a live run: its requests in order, the purpose of each, and the clauses that stay untested."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from ni_contract.contract.catalogue import EDITIONS, Clause
from ni_contract.contract.features import Claims
from ni_contract.drivers.live.driver import PlannedRequest
from ni_contract.drivers.provider.vectors import PLACEHOLDERS, Vector, lookup_vectors, placeholders_of
from ni_contract.errors import UsageError, option
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge import Judge
from ni_contract.runs.live.coverage import OWN_IDS, Coverage, measure, play
from ni_contract.runs.live.set_cover import Requirements, greedy_cover

MAX_REQUESTS = 40
# Never send near-misses of a real secret: they look like an attack and disclose it.
_NEAR_MISSES = frozenset(
    [
        "basic.cut_secret",
        "signature_secret",
        *(p for p in PLACEHOLDERS if p.startswith(("api_", "basic.api_")) and "." in p),
    ]
)
# Never send vectors whose recording would look as if it contained a secret: an audit of it would warn.
_LIKE_SECRETS = frozenset(
    {
        "basic-garbage",
        "basic-key-alone",
        "basic-not-base64",
        "basic-not-utf8",
        "body-key-list",
        "secret-is-key",
        "signed-extended",
        "signed-half",
        "signed-other-end",
        "stray-authorization",
        "stray-basic",
    }
)
_NEVER_BUSY = "the rate limit is never provoked live"
_NO_SECRET = "no signature secret was given"
_OVER_BUDGET = "not among the {} requests that the budget allows"
_NO_VECTOR = "no request that is sent live exercises it"


@dataclass(frozen=True, slots=True)
class LivePlan:
    """The requests in order, the budget, and the reason for each clause that stays untested."""

    steps: tuple[PlannedRequest, ...]
    budget: int
    untested: Mapping[str, str] = field(default_factory=dict)

    @property
    def charged(self) -> int:
        """The number of requests that are charged for, if the API answers as the contract says."""
        return sum(step.charged for step in self.steps)


@lru_cache(maxsize=8)
def make_plan(
    claims: Claims, clauses: tuple[Clause, ...], has_signature_secret: bool, budget: int | None, chosen: bool = False
) -> LivePlan:
    """A small plan that evaluates all *clauses* that can be tested live, or the best one of at most *budget* requests.

    *chosen*: the user named the clauses; the plan evaluates all of them, or UsageError is raised.
    """
    most = MAX_REQUESTS
    if budget is not None:
        most = budget
    if most < 1:
        raise UsageError(f"{option('budget')} 0 allows no request; give at least 1, or no budget for the whole plan")
    vectors = candidates(claims, has_signature_secret)
    coverage = measure(vectors)
    wanted = _wanted(coverage.ways, clauses)
    plan = LivePlan(_steps(vectors, greedy_cover(wanted, most), coverage, clauses), most)
    plan = LivePlan(plan.steps, most, _untested(plan, claims, clauses, has_signature_secret, wanted))
    if chosen and (missed := [i for i, why in plan.untested.items() if why == _OVER_BUDGET.format(most)]):
        needed = len(greedy_cover(wanted))
        raise UsageError(
            f"{option('budget')} {most}: to exercise {', '.join(missed[:5])} too takes {needed} requests; "
            f"give {option('budget')} {needed}, or name fewer clauses with --only"
        )
    return plan


def candidates(claims: Claims, has_signature_secret: bool) -> list[Vector]:
    """The vectors that may be sent live, in order: their features are claimed, and no value resembles the secret."""
    return [
        vector
        for vector in lookup_vectors()
        if claims.covers(vector.needs)
        and (has_signature_secret or "signature" not in vector.needs)
        and _NEAR_MISSES.isdisjoint(placeholders_of(vector.request))
        and vector.id not in _LIKE_SECRETS
    ]


def _wanted(ways: Requirements, clauses: Iterable[Clause]) -> Requirements:
    ids = {clause.id for clause in clauses}
    return {name: known for name, known in ways.items() if name.split()[0] in ids}


def _steps(
    vectors: Sequence[Vector], picked: frozenset[str], coverage: Coverage, clauses: Sequence[Clause]
) -> tuple[PlannedRequest, ...]:
    """The requests with the clauses that each serves, found by sending the plan to both simulators and judging."""
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
    served = set(chain.from_iterable(step.serves for step in plan.steps))
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
    if is_known:
        return _OVER_BUDGET.format(budget)
    return _NO_VECTOR
