"""Verdicts and results: from counts of exchanges to words, and the failures that are kept."""

from __future__ import annotations

from collections import Counter

import pytest

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Violation
from ni_contract.judge import verdicts as limits
from ni_contract.judge.deviations import Deviation
from ni_contract.judge.verdicts import (
    CONFORMANT,
    DEVIATES,
    ERROR,
    FAIL,
    MAX_CASES,
    MAX_CAUSES,
    NONCONFORMANT,
    PARTIAL,
    PASS,
    STALE,
    UNCLAIMED,
    UNTESTED,
    WARN,
    JudgedExchange,
    Tally,
    Verdict,
    apply_deviation,
    by_edition,
    result_of,
    results_of,
    verdict_of,
)

CATALOGUE = load_catalogue()
MUST, SHOULD, XML = (CATALOGUE[one] for one in ("NIB-RES-004", "NIB-RES-018", "NIB-XML-001"))
EXCHANGE = Exchange(Request("GET", "http://h/ni/basic/json?number=1"), Answer(200))


def broken(clause_id: str = "a", at: str = "$", actual: str = "y", case: str = "", *exchanges: Exchange) -> Violation:
    first, second = (*exchanges, None, None)[:2]
    return Violation(clause_id, first, Finding(at, "x", actual), second, case=case)


def kept(*found: Violation) -> list[tuple[str, str]]:
    """Place and value of the failures that are kept of those that are added one by one."""
    tally = Tally()
    for one in found:
        tally.add({}, [one])
    return [(one.unmasked.at, one.unmasked.actual) for one in tally.failures["a"]]


def test_counts_are_added() -> None:
    tally = Tally()
    new = tally.add({"a": 2, "b": 1}, [broken(), broken(), broken("b")])
    assert [one.clause_id for one in new] == ["a", "b"]
    assert (tally.evaluated, tally.failed) == (Counter(a=2, b=1), Counter(a=2, b=1))
    assert tally.judged == []


def test_exchange_keeps_what_it_does_not_break() -> None:
    tally = Tally()
    tally.add({"c": 1, "a": 1, "b": 1}, [broken()], EXCHANGE)
    assert tally.judged == [JudgedExchange(EXCHANGE, ("b", "c"), ("a",))]


def test_kept_exchanges_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_EXCHANGES_KEPT", 2)
    tally = Tally()
    for _ in range(3):
        tally.add({}, [], EXCHANGE)
    assert len(tally.judged) == 2


def test_exchanges_of_clause_are_numbered() -> None:
    """Both exchanges of a relation count, each once, in the order in which they come."""
    second = Exchange(EXCHANGE.request, Answer(201))
    tally = Tally()
    tally.add({}, [broken("a", "$", "y", "", EXCHANGE), broken("b", "$", "y", "", second, EXCHANGE), broken("c")])
    assert tally.exchanges == {"a": {0}, "b": {0, 1}, "c": set()}
    assert [tally.numbers[id(one)] for one in (EXCHANGE, second)] == [(0, EXCHANGE), (1, second)]


def test_noted_exchanges_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_EXCHANGES_NOTED", 2)
    tally = Tally()
    tally.add({}, [broken("a", "$", "y", "", Exchange(EXCHANGE.request, Answer(n))) for n in range(200, 204)])
    assert tally.exchanges["a"] == {0, 1}


def test_same_finding_is_kept_once() -> None:
    assert kept(broken(), broken(), broken(actual="z")) == [("$", "y"), ("$", "z")]


def test_causes_at_one_place_have_bound() -> None:
    numbers = [broken(actual=str(number)) for number in range(MAX_CAUSES + 2)]
    assert kept(*numbers) == [("$", str(number)) for number in range(MAX_CAUSES)]


def test_new_place_replaces_the_last() -> None:
    """The first failure at a new place is worth more than the fifth at a known one."""
    numbers = [broken(actual=str(number)) for number in range(MAX_CAUSES)]
    expected = [("$", str(number)) for number in range(MAX_CAUSES - 1)]
    assert kept(*numbers, broken(at="$.x")) == [*expected, ("$.x", "y")]


def test_each_lookup_of_client_is_kept() -> None:
    """A lookup has an answer of its own, so the same finding counts for each, up to a bound."""
    cases = [broken(case=str(number)) for number in range(MAX_CASES + 1)]
    assert len(kept(*cases)) == MAX_CASES
    assert len(kept(cases[0], cases[0], broken(at="$.x", case="0"))) == 2


def tally(evaluated: int, failed: int) -> Tally:
    ids = (MUST.id, SHOULD.id, XML.id)
    return Tally(Counter(dict.fromkeys(ids, evaluated)), Counter(dict.fromkeys(ids, failed)), {MUST.id: [broken()]})


def test_failure_of_clause_fails_or_warns() -> None:
    assert verdict_of(MUST, tally(3, 2), {}) == Verdict(MUST, FAIL, 3, 2, (broken(),))
    assert verdict_of(SHOULD, tally(3, 1), {}) == Verdict(SHOULD, WARN, 3, 1)
    assert verdict_of(XML, tally(3, 1), {"xml": "no"}).word == FAIL


def test_clause_without_failure_passes_or_not() -> None:
    assert verdict_of(MUST, tally(3, 0), {"xml": "no"}) == Verdict(MUST, PASS, 3, 0)
    assert verdict_of(XML, tally(3, 0), {"cnam": "a", "xml": "b"}) == Verdict(XML, UNCLAIMED, reason="b")
    assert verdict_of(MUST, tally(0, 0), {}) == Verdict(MUST, UNTESTED, reason="no exchange checked it")


@pytest.mark.parametrize(
    ("word", "becomes", "reason"),
    [
        (FAIL, DEVIATES, "why"),
        (WARN, DEVIATES, "why"),
        (PASS, STALE, "declared (why), but the clause passes"),
        (UNTESTED, UNTESTED, ""),
        (UNCLAIMED, UNCLAIMED, ""),
    ],
)
def test_deviation_changes_word_and_reason(word: str, becomes: str, reason: str) -> None:
    verdict = Verdict(MUST, word, 3, 1)
    assert apply_deviation(verdict, Deviation(MUST.id, "why")) == Verdict(MUST, becomes, 3, 1, reason=reason)
    assert apply_deviation(verdict, None) is verdict


@pytest.mark.parametrize(
    ("musts", "shoulds", "result"),
    [
        ((PASS, PASS), (WARN, PASS), CONFORMANT),
        ((PASS, FAIL), (), NONCONFORMANT),
        ((PASS, STALE), (), NONCONFORMANT),
        ((PASS,), (STALE,), NONCONFORMANT),
        ((PASS, DEVIATES), (), PARTIAL),
        ((PASS,), (DEVIATES,), PARTIAL),
        ((PASS, UNTESTED), (), PARTIAL),
        ((PASS, UNCLAIMED), (), PARTIAL),
        ((PASS,), (UNTESTED, UNCLAIMED), CONFORMANT),
        ((), (), PARTIAL),
    ],
)
def test_words_make_the_result(musts: tuple[str, ...], shoulds: tuple[str, ...], result: str) -> None:
    verdicts = [*(Verdict(MUST, word) for word in musts), *(Verdict(SHOULD, word) for word in shoulds)]
    assert result_of(verdicts) == result


def test_error_is_the_result_everywhere() -> None:
    verdicts = {"documented": (Verdict(MUST, PASS),), "observed": (Verdict(MUST, FAIL),)}
    assert results_of(verdicts) == {"documented": CONFORMANT, "observed": NONCONFORMANT}
    assert results_of(verdicts, "down") == {"documented": ERROR, "observed": ERROR}


def test_each_edition_has_its_clauses() -> None:
    clauses = CATALOGUE.select("provider")
    asked: list[str] = []
    found = by_edition(clauses, lambda clause: asked.append(clause.id) or Verdict(clause, PASS))  # type: ignore[func-returns-value]
    assert asked == [clause.id for clause in clauses]
    assert {edition: [v.clause for v in found[edition]] for edition in EDITIONS} == {
        edition: [clause for clause in clauses if clause.binds(edition)] for edition in EDITIONS
    }
    assert len({len(found[edition]) for edition in EDITIONS}) == 2


def test_words_are_those_of_reports() -> None:
    """Reports, baselines and matrices are read by these words."""
    words = (PASS, FAIL, WARN, DEVIATES, STALE, UNCLAIMED, UNTESTED, CONFORMANT, PARTIAL, NONCONFORMANT, ERROR)
    assert words == (
        *("pass", "fail", "warn", "deviates", "stale", "unclaimed", "untested"),
        *("conformant", "partial", "nonconformant", "error"),
    )
