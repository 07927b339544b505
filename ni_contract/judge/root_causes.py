"""Root causes: failing clauses that are a fault of their own, with those that follow from a more fundamental one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from ni_contract.judge import Violation
from ni_contract.judge.verdicts import FAIL, WARN, Tally, Verdict

_NUMBER_FORM: Final = "NIB-RES-010"
# From the most fundamental to the least. Other clauses follow: the form of an answer before its facts.
_RANKS: Final = (
    "NIB-REQ-001",
    "NIB-AUT-001",
    "NIB-RES-003",
    "NIB-RES-001",
    "NIB-RES-005",
    "NIB-RES-006",
    "NIB-RES-019",
    _NUMBER_FORM,
    "NIB-XML-003",
    "NIB-XML-004",
    "NIB-REL-007",
    "NIB-REL-009",
    "NIB-REL-005",
    "NIB-NUM-001",
    "NIB-CLI-001",
    "NIB-CLI-002",
    "NIB-CLI-018",
    "NIB-CLI-011",
    # A plus that is signed and then lost makes the signature wrong.
    "NIB-CLI-006",
    "NIB-CLI-012",
    "NIB-CLI-013",
    "NIB-CLI-010",
    "NIB-CLI-009",
    "NIB-CLI-020",
    "NIB-CLI-004",
    "NIB-CLI-005",
)
_CREDENTIALS_FIRST: Final = "NIB-AUT-005"
# Credentials, from the check whose absence lets most in: where no signature is checked, its key is not either.
_CREDENTIALS: Final = (
    "NIB-AUT-002",
    "NIB-AUT-010",
    "NIB-AUT-011",
    "NIB-AUT-003",
    "NIB-AUT-007",
    "NIB-AUT-004",
    _CREDENTIALS_FIRST,
)
# Places of a client's request; its outcome for an answer does not follow from the form of its request.
_ASKED: Final = ("parameter", "credentials", "request", "header", "body")
# Who takes one status other than 0 for a success, or ends at it, does so at others too.
_OTHER_STATUSES: Final = frozenset(("NIB-CLI-026", "NIB-CLI-027", "NIB-CLI-028", "NIB-CLI-056"))
# Places of what it reports.
_REPORTED: Final = ("result", "reason")
# Then what is served at all, the form of an answer, the facts in it, and what several answers have in common.
_AREAS: Final = {"REQ": 1, "AUT": 2, "NUM": 3, "REL": 6}
_FORM_TIER, _FACTS_TIER = 4, 5
_XML_DOCUMENT: Final = "NIB-XML-001"
_WHOLE_ANSWER: Final = frozenset((*_RANKS, _XML_DOCUMENT)) - {_NUMBER_FORM}
# Warnings about clients by their weight: secrets, then the outcome, time, and what has little effect.
_ADVICE: Final = (58, 53, 62, 55, 48, 57, 54, 60, 61, 49, 25, 15, 19)
# Places in a tier, 0 unless named. A crash is told by the request that makes it; a text has to be there before it can
# say something; who makes XML of the same facts crashes where one is missing.
_PLACES: Final = {
    "NIB-REQ-012": (_AREAS["NUM"], 1),
    "NIB-REQ-013": (_AREAS["NUM"], 1),
    "NIB-REQ-014": (_AREAS["NUM"], 1),
    "NIB-RES-017": (_FORM_TIER, 1),
    "NIB-ERR-006": (_FORM_TIER, 1),
    "NIB-ERR-007": (_FORM_TIER, 1),
    "NIB-ERR-008": (_FORM_TIER, 1),
    _XML_DOCUMENT: (_FORM_TIER, 2),
    # Who makes XML of missing facts crashes for HEAD too.
    "NIB-REQ-010": (_FORM_TIER, 4),
    "NIB-XML-002": (_FORM_TIER, 3),
    "NIB-REL-011": (_AREAS["REL"], -1),
    **{f"NIB-CLI-{number:03}": (_FORM_TIER, 3) for number in range(29, 100)},
    # The outcome for a status, before the text: a wrong status comes with the text of that status.
    **dict.fromkeys(("NIB-CLI-026", "NIB-CLI-027", "NIB-CLI-028", "NIB-CLI-033"), (_FORM_TIER, 2)),
    # A client that reads values by their place takes any of them for the status.
    "NIB-CLI-035": (_FORM_TIER, 1),
    **{f"NIB-CLI-{number:03}": (_FORM_TIER, place) for place, number in enumerate(_ADVICE)},
}
_REPEATED: Final = ("NIB-REL-007", "NIB-REL-009")
_STATUSES: Final = ("status", "HTTP status")
_ANY_ORDER, _RIGHT_SECRET, _SERVED = "NIB-REL-005", "NIB-AUT-001", "status 0"
# Requests that must be refused: an answer with status 0 may lack what a success has.
_REFUSED: Final = frozenset(
    (*_CREDENTIALS, *(f"NIB-NUM-{number}" for number in ("004", "005", "006", "007", "008", "010", "021")))
)
_BUSY_FIRST: Final = "NIB-REL-014"
_UNANSWERED: Final = "NIB-REQ-001"
# Too many requests while the API is busy, or fails; no request with a country, or without one, or none over HTTPS.
_ONE_FAULT: Final = {
    ("NIB-CLI-021", "NIB-CLI-022"): "requests",
    ("NIB-CLI-016", "NIB-CLI-017"): "request",
    ("NIB-CLI-003", "NIB-CLI-016"): "request",
    ("NIB-CLI-003", "NIB-CLI-017"): "request",
}
_MISSING: Final = "nothing: it is missing"
OTHER_NUMBER: Final = "NIB-NUM-013"
# Broken most of the times, these are the cause: the answer depends on other requests.
_MOSTLY: Final = (OTHER_NUMBER, "NIB-REL-009")
_MIN_MOST: Final = 3  # times
# An answer about another number or country takes all its facts from there.
_FACTS: Final = (
    OTHER_NUMBER,
    "NIB-NUM-018",
    "NIB-NUM-015",
    "NIB-NUM-014",
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


# The exchanges that broke each clause, by its id.
Exchanges = Mapping[str, AbstractSet[int]]


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


def _rank(verdict: Verdict, exchanges: Exchanges) -> tuple[bool, int, int]:
    """Warnings behind all failures; then by tier, and by place in it. What is equal stays in the catalogue's order."""
    clause_id = verdict.clause.id
    tier, place = _PLACES.get(clause_id, (_AREAS.get(clause_id.split("-")[1], _FORM_TIER), 0))
    for one, order in ((0, _RANKS), (_AREAS["AUT"], _CREDENTIALS), (_FACTS_TIER, _FACTS)):
        if clause_id in order and _is_ranked(verdict):
            tier, place = one, order.index(clause_id)
    if clause_id not in _REFUSED and _is_of_wrongly_served(clause_id, exchanges):
        tier = _AREAS["REL"]
    if _is_for_busy_alone(clause_id, exchanges):
        tier = 0
    if (clause_id in _MOSTLY and _is_mostly_broken(verdict)) or _is_about_state(verdict):
        tier, place = 0, -1  # such as the answer to the request before
    return verdict.word == WARN, tier, place


def is_of_state(found: Violation) -> bool:
    """Whether the failure shows that the provider keeps something of other requests."""
    if found.clause_id in _REPEATED:
        return found.finding.at in _STATUSES
    return found.clause_id == OTHER_NUMBER and found.other is not None


def _is_about_state(verdict: Verdict) -> bool:
    """Whether only what the provider keeps of other requests explains the failures."""
    if verdict.clause.id in _REPEATED:
        return any(map(is_of_state, verdict.failures))
    return bool(verdict.failures) and all(map(is_of_state, verdict.failures))


def _is_mostly_broken(verdict: Verdict) -> bool:
    return verdict.failed >= _MIN_MOST and 2 * verdict.failed > verdict.evaluated


def _is_ranked(verdict: Verdict) -> bool:
    """Whether the clause has the rank listed for it: some have it for one of their faults only."""
    findings = [found.finding for found in verdict.failures]
    if verdict.clause.id in _REPEATED:
        return any(found.at == "status" for found in findings)
    if verdict.clause.id in (_ANY_ORDER, _RIGHT_SECRET):
        return any(found.expected == _SERVED for found in findings)
    return verdict.clause.id != _NUMBER_FORM or any(found.actual == _MISSING for found in findings)


def _is_for_busy_alone(clause_id: str, exchanges: Exchanges) -> bool:
    """Whether wrong credentials were answered wrongly only while the provider was busy."""
    refused = exchanges.get(_CREDENTIALS[0], frozenset())
    return clause_id == _BUSY_FIRST and bool(refused) and refused <= exchanges.get(_BUSY_FIRST, frozenset())


def _is_of_wrongly_served(clause_id: str, exchanges: Exchanges) -> bool:
    """Whether most answers that break the clause are to requests that had to be refused, for the same reason."""
    mine = exchanges.get(clause_id, frozenset())
    return any(_are_most(mine, exchanges.get(refused, frozenset())) for refused in _REFUSED)


def _are_most(mine: AbstractSet[int], theirs: AbstractSet[int]) -> bool:
    return 2 * len(mine & theirs) > len(mine)


def _explains(cause: Verdict, other: Verdict, exchanges: Exchanges) -> bool:
    """Whether every exchange that breaks *other* breaks *cause* too, and the fault of *cause* implies the other."""
    mine, theirs = exchanges.get(cause.clause.id, frozenset()), exchanges.get(other.clause.id, frozenset())
    if cause.clause.id in (_UNANSWERED, _RIGHT_SECRET) and _are_same(cause, other):
        return True
    if place := _ONE_FAULT.get((cause.clause.id, other.clause.id)):
        return all(any(found.finding.at == place for found in one.failures) for one in (cause, other))
    if cause.clause.kind == other.clause.kind == "lookup" and _report_the_same(cause, other):
        return True
    if {cause.clause.id, other.clause.id} <= _OTHER_STATUSES:
        return True
    if other.clause.kind == "relation":
        return bool(mine & theirs)
    if cause.clause.id == _BUSY_FIRST:
        return theirs <= mine
    if other.clause.id == _CREDENTIALS_FIRST and cause.clause.id in _CREDENTIALS:
        return True  # who takes wrong credentials for right ones goes on to the number
    if cause.clause.id in _REFUSED and other.clause.id not in _REFUSED:
        return _are_most(theirs, mine)
    return theirs <= mine and bool(theirs) and _belong_together(cause, other)


def _are_same(cause: Verdict, other: Verdict) -> bool:
    """Whether only what broke *cause* broke *other*: a missing answer, the same HTTP error, or the same status 4."""
    is_unanswered = cause.clause.id == _UNANSWERED
    known = {one.finding.actual for one in cause.failures if one.finding.at == "HTTP status" or not is_unanswered}
    return {found.finding.actual for found in other.failures} <= known


def _report_the_same(cause: Verdict, other: Verdict) -> bool:
    """Whether both are about the same part of what a client reports: the reason, or a fact of the result."""
    if cause.word != other.word:
        return False
    places = {found.finding.at for found in cause.failures}
    return all(found.finding.at in places and found.finding.at.startswith(_REPORTED) for found in other.failures)


def _belong_together(cause: Verdict, other: Verdict) -> bool:
    first, second = cause.clause.id, other.clause.id
    if cause.clause.side == "client":
        return first in _WHOLE_ANSWER and other.failures[0].finding.at.startswith(_ASKED)
    if first in _WHOLE_ANSWER or {first, second} <= set(_FACTS) or {first, second} <= _TEXTS:
        return True
    findings = cause.failures[0].finding, other.failures[0].finding
    return findings[0].at == findings[1].at or all(found.actual == _MISSING for found in findings)
