"""Cuts the input into pieces that can be judged anywhere: whole files, and parts of files of lines.

Where the cuts are depends on the files alone, so that the same input is cut alike for every engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zlib import crc32

from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import CannotRead, open_source
from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES, Recorded, Unreadable
from ni_contract.recordings.formats.jsonl import FORMAT as JSONL
from ni_contract.recordings.formats.jsonl import recorded_line
from ni_contract.recordings.lines import TOO_LONG, TooLong
from ni_contract.recordings.read import kind_of, read_source
from ni_contract.runs.audit.summary import Position

CHUNK: Final = 4_000_000
FILE_SHIFT: Final = 44
# What is about one number is best judged by one worker, who then judges it once. A guess will do.
_NUMBER: Final = re.compile(rb'number["\\]*[=:]["\\ ]*(?:%2B|\+)?([0-9]+)')


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the input: a whole file, or of a file of lines those that begin from *start* to before *end*."""

    file: int
    path: str
    name: str
    start: int = 0
    end: int | None = None


# A recorded exchange, its position, and the position of what came directly before it in the chunk.
Placed = tuple[Recorded, Position, Position | None]


def chunks_of(files: Iterable[tuple[str, str]]) -> Iterator[Chunk]:
    """The pieces of *files*, each a path and a name for messages, in order."""
    for number, (path, name) in enumerate(files):
        yield from _chunks(Chunk(number, path, name))


def _chunks(whole: Chunk) -> Iterator[Chunk]:
    try:
        source = open_source(Path(whole.path))
    except CannotRead:
        yield whole
        return
    try:
        is_lines = not source.packed and kind_of(source) == JSONL.name
    except CannotRead:
        is_lines = False
    finally:
        source.close()
    size = Path(whole.path).stat().st_size
    if not is_lines:
        yield whole
        return
    for start in range(0, size, CHUNK):
        yield replace(whole, start=start, end=min(start + CHUNK, size))


def read_chunk(chunk: Chunk, shard: int = 0, shards: int = 1) -> Iterator[Placed]:
    """What is recorded in *chunk*; of several *shards*, only that part which is for *shard*."""
    if chunk.end is not None:
        yield from _lines(chunk, shard, shards)
    elif chunk.file % shards == shard:
        yield from _whole(chunk)


def _whole(chunk: Chunk) -> Iterator[Placed]:
    base, before = chunk.file << FILE_SHIFT, None
    try:
        source = open_source(Path(chunk.path), chunk.name)
    except CannotRead as error:
        yield Unreadable(chunk.name, str(error), fatal=True), base, None
        return
    try:
        for number, recorded in enumerate(read_source(source), 1):
            yield recorded, base + number, before
            before = base + number
    finally:
        source.close()


def _lines(chunk: Chunk, shard: int, shards: int) -> Iterator[Placed]:
    base, before = chunk.file << FILE_SHIFT, None
    for start, line in lines_from(chunk):
        position = base + start
        if line is TOO_LONG or not line.isspace():  # type: ignore[union-attr]
            if shards == 1 or _shard(line, shards) == shard:
                yield _recorded(line, chunk.name, start), position, before
            before = position


def _shard(line: bytes | TooLong, shards: int) -> int:
    if isinstance(line, TooLong):
        return 0
    found = _NUMBER.search(line)
    return crc32(found[1] if found else line) % shards


def _recorded(line: bytes | TooLong, name: str, start: int) -> Recorded:
    place = place_of_byte(name, start)
    if isinstance(line, TooLong):
        return Unreadable(place, f"the line is longer than {MAX_ENTRY_BYTES} bytes")
    return recorded_line(line, place)


def place_of_byte(name: str, start: int) -> str:
    """The place of a line of which only the first byte is known, until somebody counts the lines before it."""
    return f"{name} at byte {start}"


def lines_from(chunk: Chunk) -> Iterator[tuple[int, bytes | TooLong]]:
    """The lines that begin in *chunk*, with the offset of their first byte; empty ones are left out.

    Raises CannotRead when the file cannot be read.
    """
    end = chunk.end if chunk.end is not None else 1 << 62
    try:
        with Path(chunk.path).open("rb") as file:
            at = chunk.start
            if at:
                # The line that begins before this chunk belongs to the one before.
                file.seek(at - 1)
                at = _skip_line(file, at - 1)
            while at < end and (block := file.read(min(BLOCK, end - at))):
                block += b"" if block.endswith(b"\n") else file.readline(MAX_ENTRY_BYTES + 1)
                *lines, rest = block.split(b"\n")
                for line in lines:
                    if line:
                        yield at, line if len(line) <= MAX_ENTRY_BYTES else TOO_LONG
                    at += len(line) + 1
                if rest:
                    # The last line of the file needs no end; one that is too long has not been read to its own.
                    yield at, rest if len(rest) <= MAX_ENTRY_BYTES else TOO_LONG
                    at = _skip_line(file, at + len(rest))
    except OSError as error:
        raise CannotRead(f"it cannot be read: {error.strerror or error}") from None


def _skip_line(file: object, at: int) -> int:
    """Goes on to after the next line end; returns where that is."""
    while piece := file.readline(BLOCK):  # type: ignore[attr-defined]
        at += len(piece)
        if piece.endswith(b"\n"):
            break
    return at


def exchange_at(chunks: Iterable[Chunk], wanted: Iterable[Position]) -> dict[Position, Exchange]:
    """The exchanges at the positions *wanted*, read again."""
    left, found = set(wanted), {}
    for chunk in chunks:
        inside = {position for position in left if position >> FILE_SHIFT == chunk.file}
        if chunk.end is None and inside:
            for recorded, position, _ in _whole(chunk):
                if position in inside and isinstance(recorded, Exchange):
                    found[position] = recorded
        else:
            for position in inside:
                start = position - (chunk.file << FILE_SHIFT)
                if chunk.start <= start < (chunk.end or 0):
                    line = next(lines_from(replace(chunk, start=start, end=start + 1)), (0, b""))[1]
                    recorded = _recorded(line, chunk.name, start)
                    if isinstance(recorded, Exchange):
                        found[position] = recorded
    return found
