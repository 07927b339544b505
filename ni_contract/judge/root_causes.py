"""Root causes: failing clauses that are a fault of their own, with those that follow from a more fundamental one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from ni_contract.judge.verdicts import FAIL, WARN, Tally, Verdict

# From the most fundamental to the least. Other clauses follow in the catalogue's order.
_RANKS: Final = (
    "NIB-REQ-001",
    "NIB-AUT-001",
    "NIB-RES-003",
    "NIB-XML-001",
    "NIB-RES-001",
    "NIB-RES-005",
    "NIB-RES-006",
    "NIB-XML-003",
    "NIB-XML-004",
    "NIB-NUM-001",
    "NIB-CLI-001",
    "NIB-CLI-002",
    "NIB-CLI-018",
    "NIB-CLI-011",
    "NIB-CLI-012",
    "NIB-CLI-013",
    "NIB-CLI-010",
    "NIB-CLI-009",
    "NIB-CLI-004",
    "NIB-CLI-005",
)
# Places of a client's request; its outcome for an answer does not follow from the form of its request.
_ASKED: Final = ("parameter", "credentials", "request", "header", "body")
_WHOLE_ANSWER: Final = frozenset(_RANKS)
_LAST_AREAS: Final = ("REL",)
_UNANSWERED: Final = "NIB-REQ-001"
_MISSING: Final = "nothing: it is missing"
# An answer about another number or country takes all its facts from there.
_FACTS: Final = (
    "NIB-NUM-013",
    "NIB-NUM-018",
    "NIB-NUM-015",
    "NIB-NUM-016",
    "NIB-NUM-017",
    "NIB-NUM-019",
    "NIB-NUM-020",
)
_TEXTS: Final = frozenset(
    {
        "NIB-RES-007",
        "NIB-RES-016",
        "NIB-ERR-001",
        "NIB-ERR-002",
        "NIB-ERR-003",
        "NIB-ERR-004",
        "NIB-ERR-006",
        "NIB-ERR-007",
    }
)


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
    failing = sorted((v for v in verdicts if v.word in (FAIL, WARN)), key=_rank)
    groups: dict[str, list[Verdict]] = {}
    for verdict in failing:
        leader = next((one for one in groups if _explains(groups[one][0], verdict, tally.exchanges)), None)
        groups.setdefault(leader or verdict.clause.id, []).append(verdict)
    return tuple(_cause(members) for members in groups.values())


def _cause(members: list[Verdict]) -> RootCause:
    first, *others = members
    return RootCause(first.clause.id, tuple(v.clause.id for v in others), first.failed, first.evaluated)


def _rank(verdict: Verdict) -> tuple[bool, int, bool]:
    clause_id = verdict.clause.id
    place = _RANKS.index(clause_id) if clause_id in _RANKS else len(_RANKS)
    fact = _FACTS.index(clause_id) if clause_id in _FACTS else 0
    return verdict.word == WARN, place + fact, clause_id.split("-")[1] in _LAST_AREAS


def _explains(cause: Verdict, other: Verdict, exchanges: Mapping[str, AbstractSet[int]]) -> bool:
    """Whether every exchange that breaks *other* breaks *cause* too, and the fault of *cause* implies the other."""
    mine, theirs = exchanges.get(cause.clause.id, frozenset()), exchanges.get(other.clause.id, frozenset())
    if cause.clause.id == _UNANSWERED and _are_same(cause, other):
        return True
    if other.clause.kind == "relation":
        return bool(mine & theirs)
    return theirs <= mine and bool(theirs) and _belong_together(cause, other)


def _are_same(cause: Verdict, other: Verdict) -> bool:
    """Whether *other* was broken only by what broke *cause*: a missing answer, or the same HTTP error."""
    known = {found.finding.actual for found in cause.failures if found.finding.at == "HTTP status"}
    return {found.finding.actual for found in other.failures} <= known


def _belong_together(cause: Verdict, other: Verdict) -> bool:
    first, second = cause.clause.id, other.clause.id
    if cause.clause.side == "client":
        return first in _WHOLE_ANSWER and other.failures[0].finding.at.startswith(_ASKED)
    if first in _WHOLE_ANSWER or {first, second} <= set(_FACTS) or {first, second} <= _TEXTS:
        return True
    findings = cause.failures[0].finding, other.failures[0].finding
    return findings[0].at == findings[1].at or all(found.actual == _MISSING for found in findings)
