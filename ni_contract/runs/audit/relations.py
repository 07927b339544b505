"""Relations between exchanges, judged from the records of every part of the traffic, in bounded memory.

Exchanges of one key and one outcome are a group, of which only the first and the number count. Each stage reads the
records of the one before bucket by bucket, and writes those of the next, grouped by another key:

- groups: of all parts of the traffic, by group: merged;
- families: by number and country, because only exchanges of one family are compared: which fields vary in a family?
- comparisons: by the fields that stay equal while one varies: each group is compared with the first that differs in
  it, and with the first of its own key (NIB-REL-009);
- refusals: by number, see `refusals`;
- faults: by group: in which editions all of its exchanges fail, or single ones of it.

NIB-REL-007, one directly after the other, is compared while the traffic is read: see `collector`.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.judge.clauses.relation import REPETITION, VARIATIONS, ComparedFields, Variation, difference
from ni_contract.judge.clauses.request_key import RequestKey
from ni_contract.runs.audit.partition import BUCKETS, Partition, Record, hash_of, packed, unpacked
from ni_contract.runs.audit.pieces import FILE_SHIFT
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.refusals import Refusals
from ni_contract.runs.audit.results import FAULT_RECORDS, FAULTS, fault_record
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary

AT_ONCE, AGAIN, IDS = "NIB-REL-007", "NIB-REL-009", "NIB-REL-008"
GROUPS, ID_RECORDS = "groups", "ids"
SAVED_TWICE: Final = "are duplicates: an earlier file has the same request and answer at the same time"
_KEY_MARKS: Final = 1 << 23
_COMPARED: Final = (REPETITION, *VARIATIONS)
# The index of each relation, and that of the field of a `RequestKey` that it varies.
_VARIED: Final = tuple((index, RequestKey._fields.index(one.varied)) for index, one in enumerate(VARIATIONS, 1))


def compared(first: bytes, second: bytes, variation: Variation) -> Finding | None:
    """The difference between the outcomes of two packed groups, None where they agree."""
    return _differ(unpacked(first)[1], unpacked(second)[1], variation)


def _differ(first: bytes, second: bytes, variation: Variation) -> Finding | None:
    """The difference between two packed outcomes."""
    if first == second:
        return None
    found = difference(ComparedFields(*unpacked(first)), ComparedFields(*unpacked(second)), variation.with_text)
    if not found:
        return None
    at, one, other = found
    return Finding(at, f"{variation.expected}: {shown(one)}", shown(other))


def judge_relations(summary: Summary, rules: AuditRules, folder: Path) -> None:
    """Adds to *summary* the results of the clauses about several exchanges for the records in *folder*."""
    judge = _Relations(summary, rules, folder)
    refusals = judge.refusals
    compared_ = (judge.find_what_varies, judge.compare, judge.request_ids, refusals.judge)
    with _no_garbage_collector():
        for stage in (refusals.merge, judge.merge, *compared_, judge.count_conforming):
            for number in range(BUCKETS):
                stage(number)
            # The records of this stage are read by the next.
            for partition in judge.written:
                partition.flush()


@contextmanager
def _no_garbage_collector() -> Iterator[None]:
    """Turns the garbage collector off: records hold no cycles, and a search for some takes a fifth of all stages."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Relations:
    """The stages; each method does one bucket."""

    def __init__(self, summary: Summary, rules: AuditRules, folder: Path) -> None:
        self._summary, self._chosen, self._musts = summary, rules.chosen, rules.musts()
        self._groups, self._ids = Partition(folder, GROUPS), Partition(folder, ID_RECORDS)
        self._families = Partition(folder, "families")
        self._comparisons, self._faults = Partition(folder, "comparisons"), Partition(folder, FAULT_RECORDS)
        self.refusals = Refusals(summary, rules, folder, self._faults)
        # The partitions to which stages add records.
        self.written = (self._families, self._comparisons, self._faults, *self.refusals.written)
        # The number of groups of each request key, by some bits of its hash; 2 stands for more, too.
        self._groups_of_key = bytearray(_KEY_MARKS)
        if IDS in self._chosen:
            summary.evaluated[IDS] += max(0, summary.with_id - 1)

    def merge(self, number: int) -> None:
        """Merges the records of each group into one."""
        merged: dict[int, Record] = {}
        for record in self._groups.bucket(number):
            group, family, shape, first, count, following, data, properties = record
            self.refusals.note_group(first, properties, data)
            if known := merged.get(group):
                first, count, following = min(first, known[3]), count + known[4], following + known[5]
            merged[group] = (group, family, shape, first, count, following, data)
        for record in merged.values():
            mark = record[2] % _KEY_MARKS
            self._groups_of_key[mark] = min(2, self._groups_of_key[mark] + 1)
            self._families.add(record[1], record, 2 * len(record[6]))

    def find_what_varies(self, number: int) -> None:
        """Passes on the groups of families with several groups, under each relation whose field varies in it."""
        varying: dict[int, _Varying] = {}
        for record in self._families.bucket(number):
            if known := varying.get(record[1]):
                known.add(record[6])
            else:
                varying[record[1]] = _Varying(record[6])
        for record in self._families.bucket(number):
            _, family, shape, first, count, following, data = record
            is_family_of_one = varying[family].fields is None
            has_own_key = is_family_of_one or self._groups_of_key[shape % _KEY_MARKS] == 1
            if has_own_key and self._evaluated(AGAIN, count - following - 1):
                self._summary.note_kept(AGAIN, first)
            if is_family_of_one:
                continue
            (fields, kind), outcome, wrongly_refused = unpacked(data)
            if not has_own_key:
                self._pass_on(0, shape, kind, record, outcome)
            if wrongly_refused:
                continue
            request = RequestKey(*fields)
            for index in varying[family].indices:
                variation = _COMPARED[index]
                if variation.counts(request):
                    key = hash_of(packed((index, variation.key(request))))
                    self._pass_on(index, key, variation.value(request), record, outcome)

    def _pass_on(self, index: int, key: int, value: Any, record: Record, outcome: bytes) -> None:
        passed = (key, index, value, record[3], record[0], record[4], record[5], outcome)
        self._comparisons.add(key, passed, 2 * len(record[6]))

    def compare(self, number: int) -> None:
        """Compares each group with the first that differs in the varied field; of one key, with the first."""
        firsts: dict[tuple[int, int], _Firsts] = {}
        for record in self._comparisons.bucket(number):
            firsts.setdefault(record[:2], _Firsts()).add(record)
        for record in self._comparisons.bucket(number):
            key, index, value, first, group, count, following, outcome = record
            found = firsts[key, index]
            other, times = found.other_than(value, first, outcome), count
            if index == 0:
                other, times = found.one, count - following - (found.one is not None and found.one[4] == group)
            if other is not None:
                self._compare(index, record, other, times)

    def _compare(self, index: int, record: Record, other: Record, times: int) -> None:
        _, _, _, first, group, count, _, outcome = record
        clause_id = _COMPARED[index].clause_id
        finding = _differ(other[7], outcome, _COMPARED[index])
        if not self._evaluated(clause_id, times):
            return
        if finding is None:
            self._summary.note_kept(clause_id, first)
        else:
            self._failed(clause_id, times, finding, first, other[3])
            self._faults.add(*fault_record(group, clause_id, self._musts, count=count))

    def request_ids(self, number: int) -> None:
        """Judges whether each request id occurs once; an exchange that an earlier file has as well is the same one."""
        if IDS not in self._chosen:
            return
        records = list(self._ids.bucket(number))
        # The first of all has an id that nothing before it had.
        if self._summary.with_id > 1 and records:
            self._summary.note_kept(IDS, min(map(itemgetter(1), records)))
        counts = Counter(map(itemgetter(0), records))
        repeated = sorted((one for one in records if counts[one[0]] > 1), key=itemgetter(1))
        earliest: dict[int, Position] = {}
        saved: dict[Record, Position] = {}
        for request_id, position, group, identity in repeated:
            earliest.setdefault(request_id, position)
            first = saved.setdefault((request_id, identity), position)
            if identity and first >> FILE_SHIFT != position >> FILE_SHIFT:
                self._summary.remarks[SAVED_TWICE] += 1
                self._summary.evaluated[IDS] -= 1
            elif position > earliest[request_id]:
                finding = Finding("request_id", "an id of its own", f"{request_id:x}")
                self._failed(IDS, 1, finding, position, earliest[request_id])
                self._faults.add(*fault_record(group, IDS, self._musts, position=position))

    def count_conforming(self, number: int) -> None:
        """Subtracts from the conforming exchanges those that fail by relations only."""
        failing: dict[int, tuple[int, int]] = {}
        alone: dict[Position, tuple[int, int]] = {}
        for group, bits, count, position in self._faults.bucket(number):
            if position is None:
                failing[group] = (failing.get(group, (0, 0))[0] | bits, count)
            else:
                alone[position] = (group, alone.get(position, (0, 0))[1] | bits)
        for group, (bits, count) in failing.items():
            self._take_away(bits & ~(group & FAULTS), count)
        for group, bits in alone.values():
            self._take_away(bits & ~(group & FAULTS) & ~failing.get(group, (0, 0))[0], 1)

    def _evaluated(self, clause_id: str, times: int) -> bool:
        if clause_id not in self._chosen or times <= 0:
            return False
        self._summary.evaluated[clause_id] += times
        return True

    def _failed(self, clause_id: str, times: int, finding: Finding, position: Position, other: Position) -> None:
        self._summary.failed[clause_id] += times
        self._summary.causes.add(FirstFailure(position, clause_id, finding, other))

    def _take_away(self, bits: int, count: int) -> None:
        for bit, edition in enumerate(EDITIONS):
            self._summary.conforming[edition] -= count * (bits >> bit & 1)


@dataclass(slots=True)
class _Varying:
    """The relations whose field varies in a family: their *indices*; *first* is its first group, packed."""

    first: bytes
    fields: tuple[Any, ...] | None = None
    indices: set[int] = field(default_factory=set)

    def add(self, data: bytes) -> None:
        if self.fields is None:
            self.fields = unpacked(self.first)[0][0]
        fields = unpacked(data)[0][0]
        if fields != self.fields and len(self.indices) < len(VARIATIONS):
            self.indices.update(index for index, place in _VARIED if fields[place] != self.fields[place])


@dataclass(slots=True)
class _Firsts:
    """The first of the groups to be compared, and the first that differs from it."""

    one: Record | None = None
    two: Record | None = None

    def add(self, record: Record) -> None:
        if self.one is None or record[3] < self.one[3]:
            if self.one is not None and self.one[2] != record[2]:
                self.two = self.one
            self.one = record
        elif record[2] != self.one[2] and (self.two is None or record[3] < self.two[3]):
            self.two = record

    def other_than(self, value: Any, position: Position, outcome: bytes) -> Record | None:
        """The first that differs from *value* and is before *position*; None for the first's own key and outcome."""
        # Unpacked, because 1 and true are equal, and not as bytes.
        if self.one is None or (self.one[2] == value and unpacked(self.one[7]) == unpacked(outcome)):
            return None
        other = self.one if self.one[2] != value else self.two
        if other is not None and other[3] < position:
            return other
        return None
