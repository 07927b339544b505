"""Root causes: failing clauses that are a fault of their own, with those that follow from a more fundamental one.

The order of the clauses, and the rules by which one explains another, are data: `[causes]` in `spec/clauses.toml`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ni_contract.contract.catalogue import Clause, load_catalogue
from ni_contract.exchanges.gateway import TOO_MANY_REQUESTS
from ni_contract.exchanges.values import Answer
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import FAIL, WARN, Tally, Verdict

# The exchanges that broke each clause, by its id.
Exchanges = Mapping[str, AbstractSet[int]]
Row = Mapping[str, Any]

_CAUSES: Final = load_catalogue().causes
_REFUSED: Final = frozenset(_CAUSES["refused"].split())
_MISSING: Final = "nothing: it is missing"
OTHER_NUMBER: Final = "NIB-NUM-013"
REPEATED: Final = ("NIB-REL-007", "NIB-REL-009")
_STATUSES: Final = ("status", "HTTP status")
_MIN_MOST: Final = 3  # times


@dataclass(frozen=True, slots=True)
class RootCause:
    """The most fundamental failing clause of a group, and those whose failures follow from it.

    *failed* of *evaluated* exchanges broke the leading clause.
    """

    clause_id: str
    explains: tuple[str, ...]
    failed: int
    evaluated: int


def root_causes(verdicts: Iterable[Verdict], tally: Tally) -> tuple[RootCause, ...]:
    """The failing *verdicts* in groups of one cause, the most fundamental first; warnings behind all failures."""
    failing = sorted((v for v in verdicts if v.word in (FAIL, WARN)), key=lambda one: _rank(one, tally.exchanges))
    groups: dict[str, list[Verdict]] = {}
    for verdict in failing:
        leader = next((one for one in groups if _explains(groups[one][0], verdict, tally.exchanges)), None)
        groups.setdefault(leader or verdict.clause.id, []).append(verdict)
    return tuple(_cause(members) for members in groups.values())


def _cause(members: list[Verdict]) -> RootCause:
    first, *others = members
    return RootCause(first.clause.id, tuple(v.clause.id for v in others), first.failed, first.evaluated)


def _rank(verdict: Verdict, exchanges: Exchanges) -> tuple[bool, int, int, bool]:
    """Warnings behind all failures, then by tier, and by place in it; there, a client's missing outcomes come last.

    What is equal stays in the catalogue's order.
    """
    tier, place = next(_places(verdict, exchanges))
    if tier and _is_of_wrongly_served(verdict.clause, exchanges):
        tier = len(_CAUSES["tiers"]) - 1
    first = verdict.failures[0]
    return verdict.word == WARN, tier, place, first.is_untold and first.finding.at == "outcome"


def _places(verdict: Verdict, exchanges: Exchanges) -> Iterator[tuple[int, int]]:
    """The tiers and places of the clause whose condition holds, and then that of its area."""
    for tier, place, row in _rows()[verdict.clause.id]:
        if _has_place(verdict, row, exchanges):
            yield tier, place


@cache
def _rows() -> dict[str, list[tuple[int, int, Row]]]:
    """The tiers and places of each clause with their conditions; those of its area are the last."""
    named: dict[str, list[tuple[int, int, Row]]] = {}
    for tier, rows in enumerate(_CAUSES["tiers"]):
        for place, row in enumerate(rows):
            condition = {"ids": row} if isinstance(row, str) else row
            for one in condition["ids"].split():
                named.setdefault(one, []).append((tier, place, condition))
    ids = (clause.id for clause in load_catalogue())
    return {clause_id: [*named.get(clause_id, ()), *named[clause_id.rpartition("-")[0]]] for clause_id in ids}


def _has_place(verdict: Verdict, row: Row, exchanges: Exchanges) -> bool:
    """Whether the condition of a place holds, if it has one."""
    if "most" in row or "state" in row:
        is_usual = verdict.clause.id in _ids(row.get("most", "")) and _is_mostly_wrong(verdict)
        if "outnumbers" in row:
            mine, theirs = _broken(exchanges, verdict.clause.id, row["outnumbers"])
            is_usual = is_usual and len(mine) >= len(theirs)
        return is_usual or ("state" in row and _is_about_state(verdict))
    if "covers" in row:
        return _break_all(*_broken(exchanges, verdict.clause.id, row["covers"]))
    if "covers_most" in row:
        return _break_most(*_broken(exchanges, verdict.clause.id, row["covers_most"]))
    if "says" in row:
        return any(re.search(row["says"], found.finding.actual) for found in verdict.failures)
    if "refusals" in row and _is_of_refusals(verdict.clause.id, exchanges):
        return False
    fields = [name for name in ("expected", "actual") if name in row]
    return all(any(getattr(found.finding, name) == row[name] for found in verdict.failures) for name in fields)


def is_of_state(found: Violation) -> bool:
    """Whether the failure shows that the provider keeps something of other requests."""
    if found.clause_id in REPEATED:
        return found.finding.at in _STATUSES
    return found.clause_id == OTHER_NUMBER and found.other is not None


def are_of_state(clause_id: str, failures: Sequence[Violation]) -> bool:
    """Whether only what the provider keeps of other requests explains the *failures* of the clause."""
    if clause_id in REPEATED:
        return any(map(is_of_state, failures))
    # A number that was asked before may be that of a wrong answer by chance.
    return bool(failures) and all(map(is_of_state, failures))


def _is_about_state(verdict: Verdict) -> bool:
    return are_of_state(verdict.clause.id, verdict.failures)


def _is_mostly_wrong(verdict: Verdict) -> bool:
    """Whether most answers break the clause."""
    return verdict.failed >= _MIN_MOST and 2 * verdict.failed > verdict.evaluated


def _is_of_wrongly_served(clause: Clause, exchanges: Exchanges) -> bool:
    """Whether most answers that break the clause are to requests that had to be refused, for the same reason."""
    if clause.id in _REFUSED or clause.kind == "relation":
        return False
    return any(_break_most(*_broken(exchanges, refused, clause.id)) for refused in _REFUSED)


def _is_of_refusals(clause_id: str, exchanges: Exchanges) -> bool:
    """Whether most answers that break the clause are to requests that had to be refused, for whatever reason."""
    refused = frozenset().union(*(exchanges.get(one, ()) for one in _REFUSED))
    return _break_most(refused, exchanges.get(clause_id, frozenset()))


def _explains(cause: Verdict, other: Verdict, exchanges: Exchanges) -> bool:
    """Whether one of the rules says that *other* follows from *cause*."""
    first, second = cause.clause.id, other.clause.id
    shared = _broken(exchanges, first, second)
    if first in _REFUSED and second not in _REFUSED and _break_most(*shared):
        return True
    rules = (rule for rule in _CAUSES["explains"] if first in _ids(rule["ids"]) and second in _ids(rule["others"]))
    return any(_BROKEN[rule["broken"]](*shared) and _FINDINGS[rule["findings"]](cause, other, rule) for rule in rules)


@cache
def _ids(names: str) -> frozenset[str]:
    """The clauses of *names*, joined by blanks: ids, areas, or NIB for all."""
    starts = tuple(f"{name}-" for name in names.split())
    return frozenset(clause.id for clause in load_catalogue() if f"{clause.id}-".startswith(starts))


def _broken(exchanges: Exchanges, first: str, second: str) -> tuple[AbstractSet[int], AbstractSet[int]]:
    """The exchanges that break two clauses."""
    return exchanges.get(first, frozenset()), exchanges.get(second, frozenset())


def _break_all(mine: AbstractSet[int], theirs: AbstractSet[int]) -> bool:
    return bool(theirs) and theirs <= mine


def _break_most(mine: AbstractSet[int], theirs: AbstractSet[int]) -> bool:
    return 2 * len(mine & theirs) > len(theirs)


_BROKEN: Final[dict[str, Callable[[AbstractSet[int], AbstractSet[int]], bool]]] = {
    "all": _break_all,
    "most": _break_most,
    "one": lambda mine, theirs: bool(mine & theirs),
    "any": lambda _mine, _theirs: True,
}


def _have_the_same_answers(cause: Verdict, other: Verdict, rule: Row) -> bool:
    """Whether only what broke *cause* broke *other*: a missing answer, the same HTTP error, or the same status 4."""
    known = {found.finding.actual for found in cause.failures if found.finding.at.endswith(rule["at"])}
    return {found.finding.actual for found in other.failures} <= known


def _share_a_place(cause: Verdict, other: Verdict, rule: Row) -> bool:
    """Whether both have a finding at the place of the *rule*, such as the number of requests."""
    return all(any(found.finding.at == rule["at"] for found in one.failures) for one in (cause, other))


def _report_the_same(cause: Verdict, other: Verdict, rule: Row) -> bool:
    """Whether both are about the same part of what a client reports: the reason, a fact, the status, a success."""
    if any(found.is_untold for found in (*cause.failures, *other.failures)):
        return False
    places, parts = {found.finding.at for found in cause.failures}, tuple(rule["at"])
    is_same = all(found.finding.at in places and found.finding.at.startswith(parts) for found in other.failures)
    return is_same and cause.word == other.word


def _have_no_outcome(cause: Verdict, other: Verdict, _rule: Row) -> bool:
    """Whether both are about a missing outcome of a client, for one reason."""
    failures = (*cause.failures, *other.failures)
    return all(found.is_untold for found in failures) and len({found.finding.actual for found in failures}) == 1


def _is_sent(_cause: Verdict, other: Verdict, rule: Row) -> bool:
    """Whether the first finding of *other* is about the request of a client, not about its outcome."""
    return other.failures[0].finding.at.startswith(tuple(rule["at"]))


def _say_the_same(cause: Verdict, other: Verdict, rule: Row) -> bool:
    """Whether all findings of both tell of the mistake of the *rule*."""
    return all(found.finding.actual.startswith(rule["at"]) for found in (*cause.failures, *other.failures))


def _is_busy(_cause: Verdict, other: Verdict, _rule: Row) -> bool:
    """Whether all findings of *other* are about answers under HTTP 429, which says the same as status 1."""
    answers = [found.exchange.answer for found in other.failures if found.exchange is not None]
    is_told = len(answers) == len(other.failures) and not any(found.is_untold for found in other.failures)
    return is_told and all(isinstance(one, Answer) and one.http_status == TOO_MANY_REQUESTS for one in answers)


def _begin_alike(cause: Verdict, other: Verdict, _rule: Row) -> bool:
    """Whether the first findings are about one place, or both about a value that is missing."""
    findings = cause.failures[0].finding, other.failures[0].finding
    return findings[0].at == findings[1].at or all(found.actual == _MISSING for found in findings)


_FINDINGS: Final[dict[str, Callable[[Verdict, Verdict, Row], bool]]] = {
    "any": lambda _cause, _other, _rule: True,
    "same answers": _have_the_same_answers,
    "shared place": _share_a_place,
    "same report": _report_the_same,
    "no outcome": _have_no_outcome,
    "sent": _is_sent,
    "alike": _begin_alike,
    "busy": _is_busy,
    "said": _say_the_same,
    "always": lambda cause, other, _rule: all(one.failed == one.evaluated for one in (cause, other)),
    "first always": lambda cause, _other, _rule: cause.failed == cause.evaluated,
}
