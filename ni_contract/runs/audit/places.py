"""From positions to places that people find: a line is known by its first byte until it is to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ni_contract.recordings.entry import BLOCK
from ni_contract.runs.audit.chunks import FILE_SHIFT, Chunk
from ni_contract.runs.audit.summary import Position


def line_places(chunks: Iterable[Chunk], wanted: Iterable[Position]) -> dict[Position, str]:
    """`name:line` for those of *wanted* that are lines of a file; the others know their place."""
    line_files = {chunk.file: chunk for chunk in chunks if chunk.end is not None}
    by_file: dict[int, list[int]] = {}
    for position in wanted:
        by_file.setdefault(position >> FILE_SHIFT, []).append(position & ((1 << FILE_SHIFT) - 1))
    return {
        (number << FILE_SHIFT) + start: f"{line_files[number].name}:{line}"
        for number, starts in by_file.items()
        if number in line_files
        for start, line in _lines(line_files[number].path, sorted(set(starts)))
    }


def _lines(path: str, starts: list[int]) -> Iterable[tuple[int, int]]:
    """Each of *starts*, in order, with the number of the line that begins there."""
    line, at = 1, 0
    with Path(path).open("rb") as file:
        for start in starts:
            while at < start and (block := file.read(min(BLOCK, start - at))):
                line += block.count(b"\n")
                at += len(block)
            yield start, line
