"""The plan of a live run: the fewest requests, in order, with what each one serves."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ni_contract.contract.catalogue import EDITIONS, feature_clauses, load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge import Judge
from ni_contract.report.live_plan import plan_text
from ni_contract.runs.live import set_cover as cover
from ni_contract.runs.live.coverage import measure, play
from ni_contract.runs.live.planning import MAX_REQUESTS, LivePlan, candidates, make_plan

CLAUSES = load_catalogue().select("provider")
THROTTLE = {"NIB-REL-010", "NIB-REL-011", "NIB-REL-014"}


def plan(features: str | None = None, signs: bool = True, budget: int | None = None, only: str = "*") -> LivePlan:
    chosen = load_catalogue().select("provider", (only,))
    return make_plan(parse_claims(features, signs), chosen, signs, budget, chosen=only != "*")


def served(of: LivePlan) -> set[str]:
    return {clause_id for step in of.steps for clause_id in step.serves}


def test_the_plan_exercises_every_provider_clause_but_those_of_the_rate_limit() -> None:
    whole = plan()
    assert served(whole) == {clause.id for clause in CLAUSES} - THROTTLE
    assert dict(whole.untested) == dict.fromkeys(sorted(THROTTLE), "the rate limit is never provoked live")


def test_the_plan_is_proven_to_be_a_smallest_one_and_within_forty_requests() -> None:
    whole = plan()
    assert whole.smallest
    assert len(whole.steps) == 36 <= MAX_REQUESTS


def test_the_proof_ends_long_before_the_search_would_be_given_up() -> None:
    search = cover.Search(measure(candidates(parse_claims(None, True), True)).ways)
    assert len(search.run()) == len(plan().steps)
    assert search.steps < cover.MAX_STEPS / 100


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_a_step_serves_is_what_the_judge_says_when_the_plan_is_played(edition: str) -> None:
    whole = plan()
    judge = Judge(Credentials(), strict=True)
    seen: set[str] = set()
    for exchange in play([step.vector for step in whole.steps], edition):
        judge.provider(exchange)
        assert set(judge.evaluated) - seen <= served(whole)
        seen |= set(judge.evaluated)
    # An answer of the documented edition never quotes the number.
    assert served(whole) - seen == ({"NIB-ERR-008"} if edition == "documented" else set())


def test_a_plan_keeps_the_order_of_the_vectors_so_that_a_replay_is_asked_in_the_same_one() -> None:
    ids = [step.vector.id for step in plan().steps]
    assert ids == [vector.id for vector in lookup_vectors() if vector.id in ids]


def test_nothing_that_comes_close_to_the_real_secret_is_sent() -> None:
    whole = str([step.vector.request for step in plan().steps])
    assert not [name for name in ("cut", "extended", "other_case") if f"api_secret.{name}" in whole]


def test_without_a_signature_secret_nothing_signed_is_sent() -> None:
    smaller = plan(signs=False)
    assert smaller.smallest
    assert not [step for step in smaller.steps if "signature" in step.vector.needs]
    assert smaller.untested[feature_clauses()["signature"]] == "no signature secret was given"


@pytest.mark.parametrize("feature", feature_clauses())
def test_what_is_not_claimed_is_not_sent_and_the_plan_is_still_proven(feature: str) -> None:
    smaller = plan(f"no-{feature}")
    assert smaller.smallest
    assert not [step for step in smaller.steps if feature in step.vector.needs]
    assert smaller.untested[feature_clauses()[feature]] == f"{feature} is not claimed"


@pytest.mark.parametrize("budget", [1, 5, 20])
def test_a_budget_takes_at_most_so_many_requests_and_says_what_they_leave_out(budget: int) -> None:
    cut = plan(budget=budget)
    assert len(cut.steps) <= budget
    assert served(cut) | set(cut.untested) == {clause.id for clause in CLAUSES}
    left = set(cut.untested) - THROTTLE
    assert {cut.untested[i] for i in left} == {f"not among the {budget} requests that the budget allows"}


def test_more_budget_never_shows_less() -> None:
    counts = [len(served(plan(budget=budget))) for budget in (1, 5, 20, 36)]
    assert counts == sorted(counts)
    assert counts[-1] == len(CLAUSES) - len(THROTTLE)
    assert counts[0] >= 30


def test_a_larger_budget_sends_no_more_than_is_needed() -> None:
    assert len(plan(budget=1000).steps) == len(plan().steps)


def test_clauses_that_are_named_are_exercised_or_the_plan_is_refused() -> None:
    assert served(plan(only="NIB-REL-001")) == {"NIB-REL-001"}
    with pytest.raises(UsageError, match="--budget 1: to exercise NIB-REL-001 too takes 2 requests; give --budget 2"):
        plan(only="NIB-REL-001", budget=1)


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="--budget 0 allows no request"):
        plan(budget=0)


def test_the_text_of_a_plan_has_each_request_in_order_and_each_clause_once() -> None:
    whole = plan()
    text = plan_text(whole, "https://api.nexmo.com/ni/basic", 0.9)
    assert text.startswith("plan: 36 requests to https://api.nexmo.com/ni/basic, at most 0.9 a second, about 40 s\n")
    words = text.split()
    assert [word for word in words if word in {v.id for v in lookup_vectors()}] == [s.vector.id for s in whole.steps]
    assert sorted(word for word in words if word.startswith("NIB-")) == sorted(clause.id for clause in CLAUSES)


ways = st.frozensets(st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=2), min_size=1, max_size=5)


def _ways(*written: str) -> cover.Ways:
    return frozenset(map(frozenset, written))


@given(st.lists(ways, max_size=6))
@example([_ways("ad", "d"), _ways("a", "ab", "b"), _ways("b", "ab", "ac", "ad")])
def test_the_search_finds_as_small_a_cover_as_trying_everything(drawn: list[cover.Ways]) -> None:
    requirements = {str(number): one for number, one in enumerate(drawn)}
    found = cover.smallest_cover(requirements)
    assert cover.met(requirements, found) == requirements.keys()
    everything = chain.from_iterable(combinations("abcdefg", size) for size in range(8))
    smallest = next(s for s in everything if cover.met(requirements, frozenset(s)) == requirements.keys())
    assert len(found) == len(smallest)
    assert cover.lower_bound(requirements.values()) <= len(smallest) <= len(cover.greedy_cover(requirements))


@given(st.lists(ways, max_size=6), st.integers(0, 7))
def test_the_best_of_a_size_keeps_to_it_and_takes_what_fits(drawn: list[cover.Ways], size: int) -> None:
    requirements = {str(number): one for number, one in enumerate(drawn)}
    found = cover.best_of_size(requirements, size)
    assert len(found) <= size
    assert len(cover.met(requirements, found)) >= len(cover.met(requirements, cover.greedy_cover(requirements))) * (
        size >= len(cover.greedy_cover(requirements))
    )


def test_a_search_that_would_take_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "MAX_STEPS", 0)
    with pytest.raises(cover.TooLargeError):
        cover.smallest_cover({"one": frozenset({frozenset("a"), frozenset("b")}), "two": frozenset({frozenset("bc")})})
