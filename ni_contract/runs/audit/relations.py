"""Relations between exchanges, judged from what every part of the traffic left of them: see `spill`.

Exchanges of one shape and one outcome are a group. Of a group only the first exchange and how many there are count, so
it makes no difference where the traffic was cut. What each clause compares:

- with the first exchange of the same shape: NIB-REL-009, and NIB-REL-007 where one directly follows the other;
- with shapes that differ in one thing: the variations of `ni_contract.judge.clauses.relation`;
- request ids with all others: NIB-REL-008.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ni_contract.contract.catalogue import EDITIONS, ids_by_case
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.values import Exchange, Failure, Request
from ni_contract.judge import Violation
from ni_contract.judge.clauses.relation import (
    REPETITION,
    Comparable,
    ComparedFields,
    Comparison,
    ComparisonGroup,
    RequestKey,
    difference,
)
from ni_contract.runs.audit.collector import musts_of
from ni_contract.runs.audit.disk_buckets import FAULTS, IdRecord, group_hash, id_numbers_in, ids_in, related_in
from ni_contract.runs.audit.summary import Kept, Position, Summary

TWICE, AGAIN, IDS = map(ids_by_case("sequence").__getitem__, ("in a row", "again", "ids"))
_NOTHING: Final = Request("", "")


@dataclass(slots=True)
class RelatedGroup:
    """One shape with one outcome, from all parts: `faults` tells in which editions its exchanges fail already."""

    packed: bytes
    faults: int
    first: Position
    count: int = 0
    twice: int = 0
    after: dict[bytes, tuple[int, Position]] = field(default_factory=dict)

    def merge(self, first: Position, count: int, twice: int, after: list[tuple[bytes, tuple[int, Position]]]) -> None:
        """Adds what another part knows."""
        self.first = min(self.first, first)
        self.count += count
        self.twice += twice
        for packed, (times, position) in after:
            known, earliest = self.after.get(packed, (0, position))
            self.after[packed] = (known + times, min(earliest, position))


def stand_in(position: Position) -> Exchange:
    """Stands for the exchange at *position* until that is read again, to be shown."""
    return Exchange(_NOTHING, Failure("crash", ""), str(position))


def position_of(exchange: Exchange) -> Position:
    """The position that an exchange of `stand_in` stands for."""
    return int(exchange.origin)


class GroupJudge:
    """Judges the groups of one bucket after the other, and adds what it finds to *summary*."""

    def __init__(self, summary: Summary, chosen: frozenset[str]) -> None:
        self._summary, self._chosen = summary, chosen
        self._musts = musts_of(chosen)
        # By the hash of a group, in which editions its exchanges fail by a relation.
        self._failing: dict[int, int] = {}

    def groups(self, bucket: bytes) -> None:
        """Judges all groups of *bucket*."""
        first_of: dict[Any, Comparable] = {}
        families: dict[tuple[str, str], ComparisonGroup] = {}
        for group in sorted(_merged(bucket), key=lambda one: one.first):
            (fields, kind), outcome, wronged = marshal.loads(group.packed)  # noqa: S302  our own bytes
            shape = RequestKey(*fields)
            related = Comparable(stand_in(group.first), shape, ComparedFields(*outcome), 0, wronged)
            bits = self._repetition(group, related, first_of.setdefault((shape, kind), related))
            if not wronged:
                family = families.setdefault((shape.number, shape.country), ComparisonGroup())
                bits |= self._compared(group, family.add(related))
            self._fails(group, bits)

    def _repetition(self, group: RelatedGroup, related: Comparable, earliest: Comparable) -> int:
        following = group.twice
        for packed, (times, position) in group.after.items():
            before = ComparedFields(*marshal.loads(packed)[1])  # noqa: S302  our own bytes
            self._say(TWICE, times, _differ(before, related.outcome), position, position)
            following += times
        self._say(TWICE, group.twice, None, group.first, group.first)
        is_first = earliest is related
        finding = None if is_first else _differ(earliest.outcome, related.outcome)
        others = group.count - following - is_first
        return self._say(AGAIN, others, finding, group.first, position_of(earliest.exchange))

    def _compared(self, group: RelatedGroup, comparisons: list[Comparison]) -> int:
        bits = 0
        for one in comparisons:
            bits |= self._say(one.clause_id, group.count, one.finding, group.first, position_of(one.first))
        return bits

    def _say(self, clause_id: str, times: int, finding: Finding | None, position: Position, other: Position) -> int:
        """Counts *times* judgements; tells in which editions they are faults."""
        if clause_id not in self._chosen or times <= 0:
            return 0
        self._summary.evaluated[clause_id] += times
        return 0 if finding is None else self._failed(clause_id, times, finding, position, other)

    def _failed(self, clause_id: str, times: int, finding: Finding, position: Position, other: Position) -> int:
        self._summary.failed[clause_id] += times
        judged = Violation(clause_id, stand_in(position), finding, stand_in(other))
        self._summary.causes.add(Kept(position, judged))
        return sum((clause_id in musts) << bit for bit, musts in enumerate(self._musts))

    def _fails(self, group: RelatedGroup, bits: int) -> None:
        new = bits & ~group.faults
        if new:
            self._failing[group_hash(group.packed, group.faults)] = new
            self._take_away(new, group.count)

    def _take_away(self, bits: int, count: int) -> None:
        for bit, edition in enumerate(EDITIONS):
            self._summary.conforming[edition] -= count * (bits >> bit & 1)

    def ids(self, bucket: bytes) -> None:
        """Judges whether each request id of *bucket* is there once. To be called after all groups were judged."""
        for request_id, records in _repeated(bucket):
            first, *others = sorted(records, key=lambda one: one.position)
            finding = Finding("request_id", "an id of its own", f"{request_id:x}")
            for record in others:
                bits = self._failed(IDS, 1, finding, record.position, first.position)
                self._take_away(bits & ~(record.group & FAULTS) & ~self._failing.get(record.group, 0), 1)


def _merged(bucket: bytes) -> list[RelatedGroup]:
    groups: dict[tuple[bytes, int], RelatedGroup] = {}
    for first, count, twice, faults, packed, after in related_in(bucket):
        group = groups.setdefault((packed, faults), RelatedGroup(packed, faults, first))
        group.merge(first, count, twice, after)
    return list(groups.values())


def _differ(first: ComparedFields, second: ComparedFields) -> Finding | None:
    found = difference(first, second)
    if found is None:
        return None
    at, one, other = found
    return Finding(at, f"{REPETITION.expected}: {shown(one)}", shown(other))


def _repeated(bucket: bytes) -> Iterator[tuple[int, list[IdRecord]]]:
    """The ids that are there more than once, with all their records."""
    counted = Counter(id_numbers_in(bucket))
    repeated: dict[int, list[IdRecord]] = {i: [] for i, times in counted.items() if times > 1}
    if repeated:
        for record in ids_in(bucket):
            if record.request_id in repeated:
                repeated[record.request_id].append(record)
    yield from repeated.items()
