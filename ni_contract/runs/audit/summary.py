"""The results of a part of the traffic: small, and any two can be merged into that of both.

Every field is a count or a first occurrence by position, so the order of merging and the number of parts do not matter.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from ni_contract.exchanges.finding import Finding
from ni_contract.judge.verdicts import MAX_CAUSES
from ni_contract.recordings.entry import Unreadable

MAX_UNREADABLE_KEPT = 50

# The position of an exchange: (file << 42) + (its number in the file, or its first byte). In the order of the input;
# that of two million files of 4 TB has 63 bits.
Position = int


@dataclass(frozen=True, slots=True)
class FirstFailure:
    """The first failure of a clause with one cause: its position, and that of the exchange compared, if any."""

    position: Position
    clause_id: str
    cause: Finding
    other: Position | None = None


class FirstCauses:
    """The first failures of each clause with different causes, by position."""

    def __init__(self) -> None:
        self._by_clause: dict[str, dict[Finding, FirstFailure]] = {}

    def wants(self, clause_id: str, cause: Finding, position: Position) -> bool:
        """Whether a failure at *position* would be kept."""
        causes = self._by_clause.get(clause_id, {})
        if known := causes.get(cause):
            return position < known.position
        return len(causes) < MAX_CAUSES or position < max(one.position for one in causes.values())

    def add(self, failure: FirstFailure) -> None:
        """Adds *failure* if it is among the first."""
        if self.wants(failure.clause_id, failure.cause, failure.position):
            causes = self._by_clause.setdefault(failure.clause_id, {})
            causes[failure.cause] = failure
            if len(causes) > MAX_CAUSES:
                del causes[max(causes.values(), key=lambda one: one.position).cause]

    def all(self) -> list[FirstFailure]:
        """The failures of all clauses in the order of the input."""
        kept = chain.from_iterable(causes.values() for causes in self._by_clause.values())
        return sorted(kept, key=lambda one: one.position)


@dataclass(slots=True)
class Summary:
    """Counts by clause, first failures, and the number of conforming exchanges in each edition.

    *skipped* and *remarks* count exchanges by reason, *unreadable_places* all places, of which the first are kept, and
    *unfinished* the files that could not be read to their end.
    *conforming* counts the exchanges that break no MUST of the edition. *records* are what relations need, packed
    for each table of `Records`. *kept_at* is the first exchange that keeps each clause. *signal* is the number
    of the one that ended the work early. The comparison of refusals fills *unjudged*, why a clause was not judged by
    some, and *undocumented*, the clauses that fail in the observed edition alone.
    """

    evaluated: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    causes: FirstCauses = field(default_factory=FirstCauses)
    judged: int = 0
    with_id: int = 0
    conforming: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[Position, Unreadable]] = field(default_factory=list)
    unreadable_places: int = 0
    unfinished: int = 0
    records: dict[str, bytes] = field(default_factory=dict)
    kept_at: dict[str, Position] = field(default_factory=dict)
    signal: int | None = None
    unjudged: dict[str, str] = field(default_factory=dict)
    undocumented: set[str] = field(default_factory=set)

    def merge(self, other: "Summary") -> None:
        """Adds *other*, except its records, which `Records` takes."""
        for counts in ("evaluated", "failed", "conforming", "skipped", "remarks"):
            getattr(self, counts).update(getattr(other, counts))
        for clause_id, position in other.kept_at.items():
            self.note_kept(clause_id, position)
        for failure in other.causes.all():
            self.causes.add(failure)
        self.judged += other.judged
        self.with_id += other.with_id
        self.unreadable_places += other.unreadable_places
        self.unfinished += other.unfinished
        self.signal = self.signal or other.signal
        self._keep_unreadable(other.unreadable)

    def note_kept(self, clause_id: str, position: Position) -> None:
        """Records that the exchange at *position* keeps *clause_id*."""
        self.kept_at[clause_id] = min(position, self.kept_at.get(clause_id, position))

    def note_unreadable(self, position: Position, place: Unreadable) -> None:
        self.unreadable_places += 1
        self.unfinished += place.is_rest
        self._keep_unreadable([(position, place)])

    def _keep_unreadable(self, more: Iterable[tuple[Position, Unreadable]]) -> None:
        self.unreadable = sorted((*self.unreadable, *more), key=lambda one: one[0])[:MAX_UNREADABLE_KEPT]
