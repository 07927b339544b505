"""What is left of a part of the traffic once it was judged: small, and any two merge into that of both.

Everything is a count or a first occurrence by position, so the order of merging and the number of parts change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ni_contract.exchanges.finding import Finding
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import MAX_CAUSES
from ni_contract.recordings.entry import Unreadable

MAX_UNREADABLE_KEPT = 50

# Where an exchange is: (file << 44) + (its number in the file, or its first byte). In the order of the input.
Position = int


@dataclass(frozen=True, slots=True)
class Kept:
    """A failure that is kept to be shown, and where its exchange is."""

    position: Position
    judged: Violation

    @property
    def cause(self) -> Finding:
        """Two failures of a clause with the same finding have the same cause."""
        return self.judged.finding


class FirstCauses:
    """The first failures of each clause that differ in their cause, by position."""

    def __init__(self) -> None:
        self.by_clause: dict[str, dict[Finding, Kept]] = {}

    def add(self, kept: Kept) -> None:
        """Takes *kept* in if it is among the first."""
        causes = self.by_clause.setdefault(kept.judged.clause_id, {})
        known = causes.get(kept.cause)
        if known is not None:
            if kept.position < known.position:
                causes[kept.cause] = kept
            return
        causes[kept.cause] = kept
        if len(causes) > MAX_CAUSES:
            del causes[max(causes.values(), key=lambda one: one.position).cause]

    def knows(self, clause_id: str, cause: Finding) -> bool:
        """Whether an exchange that comes later than all before would not be kept for this cause."""
        return cause in self.by_clause.get(clause_id, ())

    def merge(self, other: FirstCauses) -> None:
        """Takes all of *other* in."""
        for causes in other.by_clause.values():
            for kept in causes.values():
                self.add(kept)

    def of(self, clause_id: str) -> list[Kept]:
        """Those of one clause in the order of the input."""
        return sorted(self.by_clause.get(clause_id, {}).values(), key=lambda one: one.position)


@dataclass(slots=True)
class Summary:
    """Counts by clause, first failures, and how much conforms in each edition.

    *passed_over* counts by reason, *unreadable* the places (only the first are kept). *conforming* counts the exchanges
    that break no MUST of the edition.
    """

    evaluated: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    causes: FirstCauses = field(default_factory=FirstCauses)
    judged: int = 0
    with_id: int = 0
    uncredited: int = 0
    conforming: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[Position, Unreadable]] = field(default_factory=list)
    unreadable_places: int = 0
    fatal_files: int = 0
    relations: dict[int, bytes] = field(default_factory=dict)

    def merge(self, other: Summary) -> None:
        """Adds *other*, but for its relations, which `DiskBuckets` takes."""
        self.evaluated.update(other.evaluated)
        self.failed.update(other.failed)
        self.causes.merge(other.causes)
        self.judged += other.judged
        self.with_id += other.with_id
        self.uncredited += other.uncredited
        self.conforming.update(other.conforming)
        self.passed_over.update(other.passed_over)
        self.unreadable_places += other.unreadable_places
        self.fatal_files += other.fatal_files
        self.keep_unreadable(other.unreadable)

    def keep_unreadable(self, more: Iterable[tuple[Position, Unreadable]]) -> None:
        """Keeps the first of *more* and of those that are there."""
        self.unreadable = sorted((*self.unreadable, *more), key=lambda one: one[0])[:MAX_UNREADABLE_KEPT]

    def note_unreadable(self, position: Position, place: Unreadable) -> None:
        """Counts a place that could not be read."""
        self.unreadable_places += 1
        self.fatal_files += place.fatal
        if len(self.unreadable) < 2 * MAX_UNREADABLE_KEPT:
            self.unreadable.append((position, place))
