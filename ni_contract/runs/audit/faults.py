"""Records of exchanges that fail by a comparison with others, from which the conforming ones are counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ni_contract.runs.audit.partition import Record
from ni_contract.runs.audit.summary import Position

FAULT_RECORDS: Final = "faults"
# The bits of a group's hash for the editions in which its exchanges fail by themselves.
FAULTS: Final = 0b11


def fault_record(
    group: int, clause_id: str, musts: Sequence[frozenset[str]], count: int = 1, position: Position | None = None
) -> tuple[int, Record]:
    """Key and record of a fault of all *count* exchanges of *group*, or only of the one at *position*."""
    return group, (group, sum((clause_id in ids) << bit for bit, ids in enumerate(musts)), count, position)
