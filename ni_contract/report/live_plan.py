"""The plan of a live run, as printed before anything is sent."""

from collections.abc import Iterator

from ni_contract.report.words import grouped
from ni_contract.runs.live.planning import LivePlan

_WIDTH = 36


def plan_lines(plan: LivePlan, base_url: str, rate: float) -> Iterator[str]:
    """The requests in order with the clauses that each one serves, and why the others stay untested."""
    count = len(plan.steps)
    yield f"plan: {count} requests to {base_url}, at most {rate:g} a second, about {count / rate:.0f} s"
    yield f"cost: {plan.charged} lookups that succeed and are charged for, {count - plan.charged} refusals"
    yield f"budget: {plan.budget} requests, those included that are sent again while the API is busy"
    for number, step in enumerate(plan.steps, 1):
        served = " ".join(step.serves) or "(what later requests are compared with)"
        yield f"{number:>4}  {step.vector.id:<{_WIDTH}}  {served}"
    reasons = grouped((reason, clause_id) for clause_id, reason in plan.untested.items())
    for reason, ids in reasons.items():
        yield f"untested live, {reason}: {' '.join(ids)}"
