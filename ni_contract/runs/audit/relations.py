"""Relations between exchanges, judged from the records of every part of the traffic.

Exchanges of one key and one outcome are a group, of which only the first and the number count. The groups of all parts
are merged and ordered by number and country, their family, because only exchanges of one family are compared. Each is
compared with the first of its own key (NIB-REL-009), and, for each field that varies in its family, with the first
that differs in this field alone. Faults count for all exchanges of a group, or for single ones.

NIB-REL-007, one directly after the other, is compared while the traffic is read: see `collector`.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Final, NamedTuple

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.judge.clauses.relation import REPETITION, VARIATIONS, ComparedFields, Variation, difference
from ni_contract.judge.clauses.request_key import RequestKey
from ni_contract.runs.audit.pieces import FILE_SHIFT
from ni_contract.runs.audit.plan import AuditRules
from ni_contract.runs.audit.records import COMPARISONS, FAULT_RECORDS, Records, hash_of, packed, unpacked
from ni_contract.runs.audit.results import FAULTS, edition_bits, fault_record
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary

AT_ONCE, AGAIN, IDS = "NIB-REL-007", "NIB-REL-009", "NIB-REL-008"
SAVED_TWICE: Final = "are duplicates: an earlier file has the same request and answer at the same time"
_COMPARED: Final = (REPETITION, *VARIATIONS)
# The index of each relation, and that of the field of a `RequestKey` that it varies.
_VARIED: Final = tuple((index, RequestKey._fields.index(one.varied)) for index, one in enumerate(VARIATIONS, 1))
_MERGED: Final = "family, key, position, hash, count, following, data"
_CREATE: Final = f"CREATE TABLE merged ({_MERGED}, PRIMARY KEY (family, key, position, hash)) WITHOUT ROWID"
_MERGE: Final = """
    INSERT INTO merged SELECT family, key, MIN(position), hash, SUM(count), SUM(following), data
    FROM groups GROUP BY family, key, hash"""
# The order is that of the primary key.
_BY_FAMILY: Final = "SELECT {} FROM merged ORDER BY family, key, position, hash"
_COMPARE: Final = "SELECT * FROM comparisons ORDER BY key, position"
# How many exchanges of each group fail by comparisons, and in which editions: first all of a group, then single ones.
# SQLite aggregates no bitwise OR; of two bits it is the sum of their maxima.
_FAILING: Final = """
    SELECT hash, is_single, bits, SUM(count) FROM (
        SELECT hash, position IS NOT NULL AS is_single, MAX(bits & 1) + MAX(bits & 2) AS bits, MAX(count) AS count
        FROM faults GROUP BY hash, position
    ) GROUP BY hash, is_single, bits ORDER BY hash, is_single"""
# The exchanges whose ids occur several times: *earliest* is the first with this id, *saved* the first with this
# identity too, *is_saved* whether that is in an earlier file.
_REPEATED: Final = """
    CREATE TABLE repeated AS
    SELECT *, (saved >> {0}) <> (position >> {0}) AS is_saved FROM (
        SELECT id, position, hash, MIN(position) OVER (PARTITION BY id) AS earliest,
            CASE identity WHEN 0 THEN position ELSE MIN(position) OVER (PARTITION BY id, identity) END AS saved
        FROM ids WHERE id IN (SELECT id FROM ids GROUP BY id HAVING COUNT(*) > 1)
    )"""
_FIRST_REPEATED: Final = """
    SELECT id, MIN(position), earliest, COUNT(*) FROM repeated WHERE NOT is_saved AND position > earliest
    GROUP BY id ORDER BY MIN(position)"""
_ARE_FAULTS: Final = """
    INSERT INTO faults SELECT hash, {}, 1, position FROM repeated WHERE NOT is_saved AND position > earliest"""


class _Group(NamedTuple):
    """A group, merged: *data* is its request key, its outcome and whether it was refused alone, packed."""

    family: int
    key: int
    position: Position
    hash: int
    times: int
    following: int
    data: bytes


class _Compared(NamedTuple):
    """A group as a relation compares it: with others of the same *key*, by the *value* of the varied field."""

    key: int
    position: Position
    hash: int
    times: int
    relation: int
    value: bytes
    outcome: bytes


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


class Relations:
    """Judges the clauses about several exchanges, and adds the results to *summary*."""

    def __init__(self, summary: Summary, rules: AuditRules, records: Records) -> None:
        self._summary, self._chosen, self._musts = summary, rules.chosen, rules.musts()
        self._records = records

    def compare(self) -> None:
        """Compares the groups of all parts of the traffic."""
        self._records.query(_CREATE)
        self._records.query(_MERGE)
        self._records.add(COMPARISONS, self._of_families())
        found = map(_Compared._make, self._records.query(_COMPARE))
        for _, of_one_key in groupby(found, attrgetter("key")):
            for group, other in _pairs(of_one_key):
                self._compare(group, other, group.times)

    def _of_families(self) -> Iterator[_Compared]:
        """Judges repetitions in each family, and yields its groups for the other comparisons."""
        # Read twice in the same order, because a family may not fit in memory: first for what varies in it.
        groups = map(_Group._make, self._records.query(_BY_FAMILY.format(_MERGED)))
        for _, members in groupby(self._records.query(_BY_FAMILY.format("family, data")), itemgetter(0)):
            size, relations = _varying(members)
            yield from self._of_family(islice(groups, size), relations)

    def _of_family(self, groups: Iterable[_Group], relations: set[int]) -> Iterator[_Compared]:
        first: _Group | None = None
        for group in groups:
            if first is None or first.key != group.key:
                first = group
            self._repeated(group, first)
            if relations:
                yield from _passed_on(group, relations)

    def _repeated(self, group: _Group, first: _Group) -> None:
        """Compares *group* with the *first* of its key."""
        times = group.times - group.following - (group is first)
        if times > 0:
            self._compare(_as_repetition(group), _as_repetition(first), times)

    def _compare(self, group: _Compared, other: _Compared, times: int) -> None:
        clause_id = _COMPARED[group.relation].clause_id
        if clause_id not in self._chosen:
            return
        self._summary.evaluated[clause_id] += times
        finding = _differ(other.outcome, group.outcome, _COMPARED[group.relation])
        if finding is None:
            self._summary.note_kept(clause_id, group.position)
        else:
            self._failed(clause_id, times, finding, group.position, other.position)
            self._records.add(FAULT_RECORDS, [fault_record(group.hash, clause_id, self._musts, group.times)])

    def judge_ids(self) -> None:
        """Judges whether each request id occurs once; an exchange that an earlier file has as well is the same one."""
        if IDS not in self._chosen or self._summary.with_id < 2:
            return
        self._summary.evaluated[IDS] += self._summary.with_id - 1
        # The first of all has an id that nothing before it had.
        self._summary.note_kept(IDS, next(self._records.query("SELECT MIN(position) FROM ids"))[0])
        self._records.query(_REPEATED.format(FILE_SHIFT))
        if saved := next(self._records.query("SELECT SUM(is_saved) FROM repeated"))[0]:
            self._summary.remarks[SAVED_TWICE] += saved
            self._summary.evaluated[IDS] -= saved
        for request_id, position, earliest, times in self._records.query(_FIRST_REPEATED):
            finding = Finding("request_id", "an id of its own", f"{request_id:x}")
            self._failed(IDS, times, finding, position, earliest)
        self._records.query(_ARE_FAULTS.format(edition_bits(IDS, self._musts)))

    def _failed(self, clause_id: str, times: int, finding: Finding, position: Position, other: Position) -> None:
        self._summary.failed[clause_id] += times
        self._summary.causes.add(FirstFailure(position, clause_id, finding, other))

    def count_conforming(self) -> None:
        """Subtracts from the conforming exchanges those that fail by comparisons only."""
        for group, failing in groupby(self._records.query(_FAILING), itemgetter(0)):
            # The editions in which all of the group fail.
            known = group & FAULTS
            for _, is_single, bits, count in failing:
                self._subtract(bits & ~known, count)
                if not is_single:
                    known |= bits

    def _subtract(self, bits: int, count: int) -> None:
        for bit, edition in enumerate(EDITIONS):
            self._summary.conforming[edition] -= count * (bits >> bit & 1)


def _varying(members: Iterable[tuple[int, bytes]]) -> tuple[int, set[int]]:
    """The number of groups in a family, each with its data, and the relations whose field varies in it."""
    found: set[int] = set()
    size, fields, first = 0, None, b""
    for size, (_, data) in enumerate(members, 1):
        if size == 1:
            first = data
            continue
        fields = fields or unpacked(first)[0][0]
        others = unpacked(data)[0][0]
        if others != fields and len(found) < len(_VARIED):
            found.update(index for index, place in _VARIED if others[place] != fields[place])
    return size, found


def _passed_on(group: _Group, relations: set[int]) -> Iterator[_Compared]:
    """*group* for each of *relations* that compares such requests; none for one that was wrongly refused."""
    (fields, _), outcome, refused_alone = unpacked(group.data)
    if refused_alone:
        return
    request = RequestKey(*fields)
    for index in relations:
        variation = _COMPARED[index]
        if variation.counts(request):
            key, value = hash_of(packed((index, variation.key(request)))), packed(variation.value(request))
            yield _Compared(key, group.position, group.hash, group.times, index, value, outcome)


def _as_repetition(group: _Group) -> _Compared:
    return _Compared(group.key, group.position, group.hash, group.times, 0, b"", unpacked(group.data)[1])


def _pairs(groups: Iterable[_Compared]) -> Iterator[tuple[_Compared, _Compared]]:
    """Each of *groups*, in order of their first exchange, with the first before it that differs in the varied field."""
    one = two = None
    for group in groups:
        one = one or group
        if group.value != one.value:
            two = two or group
            yield group, one
        # Unpacked, because 1 and true are equal, and not as bytes.
        elif two is not None and unpacked(group.outcome) != unpacked(one.outcome):
            yield group, two
