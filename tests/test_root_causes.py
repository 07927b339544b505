"""Failing clauses in groups of one cause: their order, what follows from what, and which exchanges decide it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from ni_contract.contract.catalogue import Clause, load_catalogue
from ni_contract.exchanges.finding import Finding
from ni_contract.judge import Violation
from ni_contract.judge.root_causes import RootCause, root_causes
from ni_contract.judge.verdicts import FAIL, PASS, WARN, Tally, Verdict

CATALOGUE = load_catalogue()
MISSING = "nothing: it is missing"
FINDINGS = {
    "a place of its own": lambda clause: Finding(f"$.{clause.id}", "x", "y"),
    "missing": lambda clause: Finding(f"$.{clause.id}", "x", MISSING),
    "one place": lambda clause: Finding("parameter number", "x", "y"),
    "a status": lambda clause: Finding("status", "0", "4"),
    "an error of HTTP": lambda clause: Finding("HTTP status", "200", "500"),
}
SIDES = ("provider", "client")


def failing(clause: Clause, finding: Finding, word: str = FAIL) -> Verdict:
    return Verdict(clause, word, 5, 2, (Violation(clause.id, None, finding),))


def groups(found: Iterable[RootCause]) -> list[str]:
    return [" > ".join((one.clause_id, " ".join(one.explains))) if one.explains else one.clause_id for one in found]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("finding", FINDINGS)
def test_order_of_separate_faults(side: str, finding: str, snapshot: SnapshotAssertion) -> None:
    """Each clause is broken by an exchange of its own, so that none follows from another but by its finding."""
    verdicts = [failing(clause, FINDINGS[finding](clause)) for clause in CATALOGUE.select(side)]
    tally = Tally(exchanges={one.clause.id: {number} for number, one in enumerate(verdicts)})
    assert groups(root_causes(verdicts, tally)) == snapshot


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("finding", FINDINGS)
def test_what_follows_from_each_clause(side: str, finding: str, snapshot: SnapshotAssertion) -> None:
    """Each clause alone beside all others, which the same exchange breaks."""
    verdicts = [failing(clause, FINDINGS[finding](clause)) for clause in CATALOGUE.select(side)]
    tally = Tally(exchanges={one.clause.id: {1} for one in verdicts})
    found = {}
    for first in verdicts:
        pairs = [root_causes([first, other], tally) for other in verdicts if other is not first]
        found[first.clause.id] = " ".join(
            one.explains[0] for one, *_ in pairs if one.clause_id == first.clause.id and one.explains
        )
    assert found == snapshot


def test_causes_name_known_clauses() -> None:
    """Each id of `[causes]` is that of a clause or an area, and each clause has a place."""
    known = {clause.id for clause in CATALOGUE}
    known |= {"NIB", *(one.rpartition("-")[0] for one in known)}
    assert set(re.findall(r"NIB[-A-Z0-9]*", str(CATALOGUE.causes))) <= known
    for clause in CATALOGUE:
        assert root_causes([failing(clause, Finding("$", "x", "y"))], Tally())[0].clause_id == clause.id


def pair(first: set[int], second: set[int], *ids: str) -> list[str]:
    """The groups of two clauses, of the form and of a text by default, that these exchanges break."""
    one, other = ids or ("NIB-RES-003", "NIB-RES-004")
    verdicts = [
        failing(CATALOGUE[clause_id], FINDINGS["a place of its own"](CATALOGUE[clause_id]))
        for clause_id in (one, other)
    ]
    return groups(root_causes(verdicts, Tally(exchanges={one: first, other: second})))


def test_exchanges_decide_what_follows() -> None:
    """A fault follows from another that all of its exchanges have."""
    assert pair({1, 2}, {2}) == ["NIB-RES-003 > NIB-RES-004"]
    assert pair({1, 2}, {2, 3}) == pair({1}, {2}) == pair({1}, set()) == ["NIB-RES-003", "NIB-RES-004"]


def test_relation_follows_by_one_exchange() -> None:
    """A relation compares several exchanges: one of them with the fault is enough."""
    assert pair({1, 2}, {2, 3}, "NIB-RES-004", "NIB-REL-008") == ["NIB-RES-004 > NIB-REL-008"]
    assert pair({1}, {2, 3}, "NIB-RES-004", "NIB-REL-008") == ["NIB-RES-004", "NIB-REL-008"]


@pytest.mark.parametrize(("busy", "first"), [({1, 2}, "NIB-REL-014"), ({1}, "NIB-AUT-002")])
def test_busy_first_leads_where_it_is_all(busy: set[int], first: str) -> None:
    """Wrong credentials that were wrongly answered only while the provider was busy are no fault of their own."""
    assert pair(busy, {1, 2}, "NIB-REL-014", "NIB-AUT-002")[0].split()[0] == first


@pytest.mark.parametrize("clause_id", ["NIB-NUM-013", "NIB-REL-009"])
def test_answer_to_another_leads_where_usual(clause_id: str) -> None:
    """Most answers are about another request than the one that was sent: such as the one before."""
    finding = Finding("$.international_format_number", "x", "y")
    first, other = CATALOGUE["NIB-REQ-001"], CATALOGUE[clause_id]
    for failed, evaluated, leader in ((2, 5, first), (3, 5, other), (3, 6, first)):
        verdicts = [failing(first, finding), replace(failing(other, finding), failed=failed, evaluated=evaluated)]
        assert groups(root_causes(verdicts, Tally()))[0].split()[0] == leader.id
    served = Tally(exchanges={"NIB-AUT-002": {1}, other.id: {1}})
    verdicts = [failing(CATALOGUE["NIB-AUT-002"], finding), replace(failing(other, finding), failed=3)]
    assert groups(root_causes(verdicts, served))[0].split()[0] == other.id
    facts = replace(failing(CATALOGUE["NIB-NUM-017"], finding), failed=5)
    assert groups(root_causes([failing(first, finding), facts], Tally()))[0] == first.id


@pytest.mark.parametrize(("refused", "first"), [({1, 2, 3}, "NIB-NUM-013"), ({1, 2, 3, 4}, "NIB-NUM-001")])
def test_few_answers_to_another_do_not_lead(refused: set[int], first: str) -> None:
    """Where more numbers are refused than are mixed up, that they are refused is the fault."""
    one, other = (failing(CATALOGUE[clause_id], Finding("$", "x", "y")) for clause_id in ("NIB-NUM-013", "NIB-NUM-001"))
    verdicts = [replace(one, failed=3, evaluated=3), other]
    found = root_causes(verdicts, Tally(exchanges={"NIB-NUM-013": {7, 8, 9}, "NIB-NUM-001": refused}))
    assert groups(found)[0].split()[0] == first


@pytest.mark.parametrize(("failed", "follows"), [(5, True), (4, False)])
def test_client_that_understands_nothing_asks_again(failed: int, follows: bool) -> None:
    """Where no success is understood, the request after it follows from that."""
    first, other = (
        failing(CATALOGUE[clause_id], Finding("outcome", "x", "y")) for clause_id in ("NIB-CLI-023", "NIB-CLI-021")
    )
    broken = Tally(exchanges={"NIB-CLI-023": {1}, "NIB-CLI-021": {1, 2, 3}})
    found = root_causes([replace(first, failed=failed), other], broken)
    assert found[0].explains == (("NIB-CLI-021",) if follows else ())


def test_only_failures_and_warnings_count() -> None:
    finding = Finding("$", "x", "y")
    verdicts = [
        failing(CATALOGUE["NIB-RES-018"], finding, WARN),
        failing(CATALOGUE["NIB-RES-004"], finding, PASS),
        failing(CATALOGUE["NIB-NUM-013"], finding),
    ]
    found = root_causes(verdicts, Tally())
    assert found == (RootCause("NIB-NUM-013", (), 2, 5), RootCause("NIB-RES-018", (), 2, 5))


@pytest.mark.parametrize(
    ("place", "ids", "words", "expected"),
    [
        ("requests", ("NIB-CLI-021", "NIB-CLI-022"), (FAIL, FAIL), ["NIB-CLI-021 > NIB-CLI-022"]),
        ("request", ("NIB-CLI-016", "NIB-CLI-017"), (FAIL, FAIL), ["NIB-CLI-016 > NIB-CLI-017"]),
        ("parameters", ("NIB-CLI-016", "NIB-CLI-017"), (FAIL, FAIL), ["NIB-CLI-016", "NIB-CLI-017"]),
        ("request", ("NIB-CLI-003", "NIB-CLI-016"), (FAIL, FAIL), ["NIB-CLI-003 > NIB-CLI-016"]),
        ("outcome", ("NIB-CLI-026", "NIB-CLI-035"), (FAIL, FAIL), ["NIB-CLI-035", "NIB-CLI-026"]),
        ("result, country_name", ("NIB-CLI-024", "NIB-CLI-036"), (FAIL, FAIL), ["NIB-CLI-024 > NIB-CLI-036"]),
        ("reason", ("NIB-CLI-029", "NIB-CLI-030"), (FAIL, FAIL), ["NIB-CLI-029 > NIB-CLI-030"]),
        ("reason", ("NIB-CLI-029", "NIB-CLI-058"), (FAIL, FAIL), ["NIB-CLI-058 > NIB-CLI-029"]),
        ("reason", ("NIB-CLI-029", "NIB-CLI-065"), (FAIL, WARN), ["NIB-CLI-029", "NIB-CLI-065"]),
        ("status", ("NIB-CLI-034", "NIB-CLI-064"), (FAIL, FAIL), ["NIB-CLI-064", "NIB-CLI-034"]),
        ("outcome", ("NIB-CLI-026", "NIB-CLI-027"), (FAIL, FAIL), ["NIB-CLI-026 > NIB-CLI-027"]),
        ("outcome", ("NIB-CLI-041", "NIB-CLI-042"), (FAIL, FAIL), ["NIB-CLI-041", "NIB-CLI-042"]),
    ],
)
def test_one_fault_of_a_client(place: str, ids: tuple[str, ...], words: tuple[str, ...], expected: list[str]) -> None:
    """Lookups of their own break the two clauses, by the same place."""
    finding = Finding(place, "x", "y")
    verdicts = [failing(CATALOGUE[one], finding, word) for one, word in zip(ids, words, strict=True)]
    assert groups(root_causes(verdicts, Tally(exchanges={ids[0]: {1}, ids[1]: {2}}))) == expected


@pytest.mark.parametrize("misread", ["NIB-CLI-023", "NIB-CLI-028", "NIB-CLI-033", "NIB-CLI-046"])
@pytest.mark.parametrize(("repeated", "is_led"), [({1, 2, 3}, True), ({1, 2, 3, 4}, False), (set(), False)])
def test_misread_answer_leads_its_repetitions(misread: str, repeated: set[int], is_led: bool) -> None:
    """A client that cannot read an answer, or reads another status, such as busy, asks again after a final answer."""
    verdicts = [failing(CATALOGUE[one], Finding("x", "y", "z")) for one in ("NIB-CLI-021", misread)]
    found = root_causes(verdicts, Tally(exchanges={"NIB-CLI-021": repeated, misread: {1, 2}}))
    assert groups(found) == ([f"{misread} > NIB-CLI-021"] if is_led else ["NIB-CLI-021", misread])


def untold(verdict: Verdict) -> Verdict:
    """*verdict*; without an outcome where it is said that nothing came."""
    failures = [replace(one, is_untold=one.finding.actual.startswith("nothing")) for one in verdict.failures]
    return replace(verdict, failures=tuple(failures))


@pytest.mark.parametrize(
    ("actual", "other", "expected"),
    [
        ("nothing: it ended", "nothing: it ended", ["NIB-CLI-041 > NIB-CLI-042"]),
        ("nothing: it ended", "nothing: it hangs", ["NIB-CLI-041", "NIB-CLI-042"]),
        ("a success", "a success", ["NIB-CLI-041", "NIB-CLI-042"]),
        ("nothing: it ended", "a success", ["NIB-CLI-042", "NIB-CLI-041"]),
    ],
)
def test_missing_outcomes_have_one_cause(actual: str, other: str, expected: list[str]) -> None:
    """Outcomes that are missing for the same reason are one fault, and a lesser one than a wrong success."""
    verdicts = [
        untold(failing(CATALOGUE[one], Finding("outcome", "no success", words)))
        for one, words in (("NIB-CLI-041", actual), ("NIB-CLI-042", other))
    ]
    assert groups(root_causes(verdicts, Tally(exchanges={"NIB-CLI-041": {1}, "NIB-CLI-042": {2}}))) == expected


@pytest.mark.parametrize(
    ("first", "other", "at", "is_one"),
    [
        ("NIB-CLI-041", "NIB-CLI-044", "outcome", True),
        ("NIB-CLI-041", "NIB-CLI-042", "outcome", False),
        ("NIB-CLI-045", "NIB-CLI-056", "outcome", True),
        ("NIB-CLI-033", "NIB-CLI-034", "status", True),
        ("NIB-CLI-033", "NIB-CLI-034", "reason", False),
        ("NIB-CLI-033", "NIB-CLI-064", "status", False),
    ],
)
def test_one_wrong_outcome_has_one_cause(first: str, other: str, at: str, is_one: bool) -> None:
    """A success or a status that is reported wrongly for one reason is one fault; a missing outcome is another."""
    cause = failing(CATALOGUE[first], Finding(at if at != "reason" else "status", "x", "y"))
    found, none = (failing(CATALOGUE[other], Finding(at, "x", actual)) for actual in ("z", "nothing: it ended"))
    assert (len(root_causes([cause, found], Tally())) == 1) is is_one
    assert len(root_causes([cause, untold(none)], Tally())) == 2


@pytest.mark.parametrize(("evaluated", "is_one"), [((2, 2), True), ((5, 2), False), ((2, 5), False)])
def test_text_of_no_answer_has_one_cause(evaluated: tuple[int, int], is_one: bool) -> None:
    """A client that understands no answer reports the text of none."""
    verdicts = [
        replace(failing(CATALOGUE[one], Finding("x", "y", "z")), evaluated=count)
        for one, count in zip(("NIB-CLI-023", "NIB-CLI-029"), evaluated, strict=True)
    ]
    assert (len(root_causes(verdicts, Tally())) == 1) is is_one


def test_one_fault_of_a_client_has_one_place() -> None:
    """Too many requests while the API is busy explain nothing, if there are not too many else."""
    first, other = CATALOGUE["NIB-CLI-021"], CATALOGUE["NIB-CLI-022"]
    verdicts = [failing(first, Finding("request 2", "x", "y")), failing(other, Finding("requests", "x", "y"))]
    assert groups(root_causes(verdicts, Tally())) == [first.id, other.id]


def test_one_other_status_shows_a_state() -> None:
    """A repeated request with another status once leads, whatever the other repetitions differ in."""
    first, other = CATALOGUE["NIB-REQ-001"], CATALOGUE["NIB-REL-007"]
    findings = (Finding("text", "x", "y"), Finding("status", "0", "4"))
    repeated = Verdict(other, FAIL, 5, 2, tuple(Violation(other.id, None, finding) for finding in findings))
    assert groups(root_causes([failing(first, findings[0]), repeated], Tally()))[0].split()[0] == other.id
