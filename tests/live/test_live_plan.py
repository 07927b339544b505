"""The plan of a live run: few requests, in order, with the clauses that each one serves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ni_contract.contract.catalogue import EDITIONS, feature_clauses, load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge import Judge
from ni_contract.report.live_plan import plan_lines
from ni_contract.runs.live.coverage import play
from ni_contract.runs.live.planning import MAX_REQUESTS, LivePlan, make_plan
from ni_contract.runs.live.set_cover import Ways, greedy_cover, is_met

CLAUSES = load_catalogue().select("provider")
THROTTLE = {"NIB-REL-010", "NIB-REL-011", "NIB-REL-014"}


@cache
def plan(features: str | None = None, signs: bool = True, budget: int | None = None, only: str = "*") -> LivePlan:
    chosen = load_catalogue().select("provider", (only,))
    return make_plan(parse_claims(features, signs), chosen, signs, budget, chosen=only != "*")


def served(of: LivePlan) -> set[str]:
    return {clause_id for step in of.steps for clause_id in step.serves}


def test_plan_covers_all_provider_clauses() -> None:
    """The plan checks every provider clause but those of the rate limit."""
    whole = plan()
    assert served(whole) == {clause.id for clause in CLAUSES} - THROTTLE
    assert dict(whole.untested) == dict.fromkeys(sorted(THROTTLE), "the rate limit is never provoked live")


def test_plan_has_forty_requests_at_most() -> None:
    assert len(plan().steps) <= MAX_REQUESTS == 40


def test_docs_state_the_plan_size() -> None:
    text = (Path(__file__).parents[2] / "docs/live.md").read_text("utf-8")
    whole, unsigned = plan(), plan(signs=False)
    assert f"few requests: {len(whole.steps)} with a signature secret, {len(unsigned.steps)} without" in text
    assert f"A full plan is {len(whole.steps)} requests" in text
    assert f"{whole.charged} of them are lookups that succeed" in text
    assert f"({unsigned.charged} of {len(unsigned.steps)} without signatures)" in text


@pytest.mark.parametrize("edition", EDITIONS)
def test_steps_serve_what_judge_says(edition: str) -> None:
    """The clauses of a step are those that the judge evaluates when the plan is sent."""
    whole = plan()
    judge = Judge(Credentials(), strict=True)
    seen: set[str] = set()
    for exchange in play([step.vector for step in whole.steps], edition):
        judge.provider(exchange)
        assert set(judge.evaluated) - seen <= served(whole)
        seen |= set(judge.evaluated)
    # Answers of the documented edition never quote the number.
    assert served(whole) - seen == ({"NIB-ERR-008"} if edition == "documented" else set())


def test_plan_keeps_order_of_vectors() -> None:
    """A plan keeps the order of the vectors, so that a replay gets the requests in it."""
    ids = [step.vector.id for step in plan().steps]
    assert ids == [vector.id for vector in lookup_vectors() if vector.id in ids]


def test_near_misses_are_never_sent() -> None:
    """No value is sent that is close to the real secret."""
    whole = str([step.vector.request for step in plan().steps])
    assert not [name for name in ("cut", "extended", "other_case") if f"api_secret.{name}" in whole]


def test_nothing_is_signed_without_secret() -> None:
    smaller = plan(signs=False)
    assert len(smaller.steps) <= MAX_REQUESTS
    assert not [step for step in smaller.steps if "signature" in step.vector.needs]
    assert smaller.untested[feature_clauses()["signature"]] == "no signature secret was given"


@pytest.mark.slow
@pytest.mark.parametrize("feature", feature_clauses())
def test_unclaimed_feature_is_not_sent(feature: str) -> None:
    smaller = plan(f"no-{feature}")
    assert len(smaller.steps) <= MAX_REQUESTS
    assert not [step for step in smaller.steps if feature in step.vector.needs]
    assert smaller.untested[feature_clauses()[feature]] == f"{feature} is not claimed"


@pytest.mark.parametrize("budget", [1, 5, 20])
def test_budget_limits_and_reports(budget: int) -> None:
    """A budget limits the requests, and the clauses left out are reported."""
    cut = plan(budget=budget)
    assert len(cut.steps) <= budget
    assert served(cut) | set(cut.untested) == {clause.id for clause in CLAUSES}
    left = set(cut.untested) - THROTTLE
    assert {cut.untested[i] for i in left} == {f"not among the {budget} requests that the budget allows"}


def test_more_budget_never_shows_less() -> None:
    counts = [len(served(plan(budget=budget))) for budget in (1, 5, 20, 40)]
    assert counts == sorted(counts)
    assert counts[-1] == len(CLAUSES) - len(THROTTLE)
    assert counts[0] >= 30


def test_larger_budget_sends_no_more() -> None:
    """A larger budget sends no more than is needed."""
    assert len(plan(budget=1000).steps) == len(plan().steps)


def test_named_clauses_are_met_or_refused() -> None:
    assert served(plan(only="NIB-REL-001")) == {"NIB-REL-001"}
    with pytest.raises(UsageError, match="--budget 1: to exercise NIB-REL-001 too takes 2 requests; give --budget 2"):
        plan(only="NIB-REL-001", budget=1)


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="--budget 0 allows no request"):
        plan(budget=0)


def test_plan_text_lists_requests_and_clauses() -> None:
    """The text of a plan has each request in order and each clause once."""
    whole = plan()
    text = "\n".join(plan_lines(whole, "https://api.nexmo.com/ni/basic", 0.9))
    assert text.startswith(
        f"plan: {len(whole.steps)} requests to https://api.nexmo.com/ni/basic, at most 0.9 a second, "
    )
    words = text.split()
    assert [word for word in words if word in {v.id for v in lookup_vectors()}] == [s.vector.id for s in whole.steps]
    assert sorted(word for word in words if word.startswith("NIB-")) == sorted(clause.id for clause in CLAUSES)


ways = st.frozensets(st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=2), min_size=1, max_size=5)


@given(st.lists(ways, max_size=6))
def test_greedy_cover_meets_every_requirement_minimally(drawn: list[Ways]) -> None:
    requirements = {str(number): one for number, one in enumerate(drawn)}
    found = greedy_cover(requirements)
    assert all(is_met(one, found) for one in drawn)
    assert all(any(not is_met(one, found - {vector}) for one in drawn) for vector in found)


@given(st.lists(ways, max_size=6), st.integers(0, 7))
def test_sized_cover_keeps_to_its_size(drawn: list[Ways], size: int) -> None:
    requirements = {str(number): one for number, one in enumerate(drawn)}
    assert len(greedy_cover(requirements, size)) <= size


def test_sized_cover_takes_what_meets_most() -> None:
    requirements = {name: frozenset({frozenset("a")}) for name in "xyz"} | {"other": frozenset({frozenset("bc")})}
    assert greedy_cover(requirements, 1) == {"a"}
    assert greedy_cover(requirements, 2) == {"a"}
    assert greedy_cover(requirements, 3) == {"a", "b", "c"}
