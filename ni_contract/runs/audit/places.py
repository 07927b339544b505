"""The places of findings, with the line on which an entry of a document begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from ni_contract.recordings.item_lines import item_lines
from ni_contract.runs.audit.pieces import FILE_SHIFT
from ni_contract.runs.audit.summary import Position

# The first number behind the name of a file is that of the item.
_NUMBERED: Final = re.compile(r", [a-z]+ (\d+)")


def entry_lines(places: Mapping[Position, str], files: Sequence[tuple[str, str]]) -> dict[Position, int]:
    """The lines on which the entries at *places* begin, where they are known.

    *files* are the paths and names of all files.
    """
    found: dict[Position, int] = {}
    for number, positions in groupby(sorted(places), key=lambda position: position >> FILE_SHIFT):
        path, name = files[number]
        items = dict(_items(positions, places, name))
        lines = item_lines(path, set(items.values()))
        found |= {at: lines[item] for at, item in items.items() if item in lines}
    return found


def _items(positions: Iterable[Position], places: Mapping[Position, str], name: str) -> Iterable[tuple[Position, int]]:
    for position in positions:
        if numbered := _NUMBERED.match(places[position].removeprefix(name)):
            yield position, int(numbered[1])
