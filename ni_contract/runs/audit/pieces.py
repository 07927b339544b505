"""Cuts the input into pieces that can be judged anywhere, and finds the exchange at a position again.

The cuts depend on the files alone, so that the same input has the same pieces on every engine.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import file_digest
from itertools import groupby, takewhile
from pathlib import Path
from typing import Final

from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.recordings.decompress import CannotRead, Source, lines_of, open_source
from ni_contract.recordings.entry import BLOCK, Recorded, Unreadable
from ni_contract.recordings.formats.jsonl import FORMAT as JSONL
from ni_contract.recordings.formats.jsonl import recorded_line
from ni_contract.recordings.read import format_of, read_source
from ni_contract.runs.audit.summary import Position

PIECE_BYTES: Final = 4_000_000
# Of a file of lines: few, so that all processes end at nearly the same time.
LINES_BYTES: Final = 1_000_000
BATCH_BYTES: Final = 500_000
# How much of a file of lines is read at a time: little, because a report reads single lines again.
LINE_BLOCK_BYTES: Final = 1 << 16
FILE_SHIFT: Final = 42
_IN_FILE: Final = (1 << FILE_SHIFT) - 1
# The lowest factor by which compression shrinks a file.
_PACKED_RATIO: Final = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one file: the lines that begin from *start* to before *end*, or all of it (no *end*).

    *batch*: exchanges of a file that has to be read in order; *start* is the number of the first.
    *size*: how many bytes of the file it is, packed as they are.
    """

    file: int
    path: str
    name: str
    start: int = 0
    end: int | None = None
    batch: tuple[Recorded, ...] = ()
    size: int = 0


def input_bytes(files: Iterable[tuple[str, str]]) -> int:
    """The total size of *files* in bytes, compressed as they are."""
    return sum(Path(path).stat().st_size for path, _ in files if Path(path).is_file())


class Inputs:
    """The files to judge, each a path and a name for messages."""

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        self._files = files
        self._line_files: set[int] = set()
        self.copies: dict[int, str] = {}

    def name(self, number: int) -> str:
        return self._files[number][1]

    def pieces(self) -> Iterator[Piece]:
        """The pieces in the order of the input, without files that are copies of others."""
        self.copies.update(_copies(self._files))
        for number, (path, name) in enumerate(self._files):
            if number not in self.copies:
                yield from self._pieces(Piece(number, path, name))

    def _pieces(self, whole: Piece) -> Iterator[Piece]:
        try:
            with closing(open_source(Path(whole.path), whole.name)) as source:
                yield from self._cut(whole, source)
        except CannotRead:
            yield whole

    def _cut(self, whole: Piece, source: Source) -> Iterator[Piece]:
        size, limit = Path(whole.path).stat().st_size, PIECE_BYTES
        if source.packed:
            limit //= _PACKED_RATIO
        if not source.packed and format_of(source)[0] is JSONL:
            self._line_files.add(whole.file)
            for start in range(0, size, LINES_BYTES):
                end = min(start + LINES_BYTES, size)
                yield replace(whole, start=start, end=end, size=end - start)
        elif size <= limit:
            yield replace(whole, size=size)
        else:
            yield from _batched(whole, source)

    def exchanges(self, wanted: Iterable[Position]) -> dict[Position, Exchange]:
        """The exchanges at the positions *wanted*, read again: of a file without lines, all up to the last of them."""
        found: dict[Position, Exchange] = {}
        for number, positions in groupby(sorted(wanted), key=lambda position: position >> FILE_SHIFT):
            inside = frozenset(positions)
            for piece in self._with(number, inside):
                found.update(_wanted(inside, piece))
        return found

    def _with(self, number: int, wanted: Iterable[Position]) -> list[Piece]:
        """Pieces of the file *number*, as small as possible, that contain the positions *wanted*."""
        whole = Piece(number, *self._files[number])
        if number not in self._line_files:
            return [whole]
        return [replace(whole, start=at & _IN_FILE, end=(at & _IN_FILE) + 1) for at in wanted]

    def line_numbers(self, wanted: Iterable[Position]) -> dict[Position, int]:
        """The lines of those of *wanted* that are lines of a file."""
        found: dict[Position, int] = {}
        for number, positions in groupby(sorted(wanted), key=lambda position: position >> FILE_SHIFT):
            if number in self._line_files:
                found.update(_numbered(self._files[number][0], positions))
        return found


def _copies(files: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """The number of each file with the same bytes as an earlier one, with the name of that one."""
    by_size: dict[int, list[int]] = {}
    for number, (path, _) in enumerate(files):
        if Path(path).is_file():
            by_size.setdefault(Path(path).stat().st_size, []).append(number)
    for alike in filter(lambda numbers: len(numbers) > 1, by_size.values()):
        first_of: dict[bytes, int] = {}
        for number in alike:
            first = first_of.setdefault(_digest(files[number][0]), number)
            if first != number:
                yield number, files[first][1]


def _digest(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file_digest(file, "blake2b").digest()
    except OSError:
        return path.encode("utf-8", "surrogateescape")


def _numbered(path: str, positions: Iterable[Position]) -> Iterator[tuple[Position, int]]:
    """Each of *positions*, in order, with the number of the line that begins there."""
    line, at = 1, 0
    with Path(path).open("rb") as file:
        for position in positions:
            start = position & _IN_FILE
            while at < start and (block := file.read(min(BLOCK, start - at))):
                line += block.count(b"\n")
                at += len(block)
            yield position, line


def _wanted(wanted: Set[Position], piece: Piece) -> Iterator[tuple[Position, Exchange]]:
    """The exchanges of *piece* at the positions *wanted*; it is read up to the last of them."""
    last = max(wanted)
    for at, one in takewhile(lambda read: read[0] <= last, read_piece(piece)):
        if at in wanted and isinstance(one, Exchange):
            yield at, one


def _batched(whole: Piece, source: Source) -> Iterator[Piece]:
    """The exchanges of *source*, in batches, as pieces of the file *whole*."""
    start, taken = 1, 0
    for batch in _batches(read_source(source)):
        yield replace(whole, start=start, batch=batch, size=source.taken - taken)
        start, taken = start + len(batch), source.taken


def _batches(recorded: Iterator[Recorded]) -> Iterator[tuple[Recorded, ...]]:
    batch: list[Recorded] = []
    size = 0
    for one in recorded:
        batch.append(one)
        size += 500
        if isinstance(one, Exchange):
            size += len(one.request.body) + (len(one.answer.body) if isinstance(one.answer, Answer) else 0)
        if size >= BATCH_BYTES:
            yield tuple(batch)
            batch, size = [], 0
    if batch:
        yield tuple(batch)


def read_piece(piece: Piece) -> Iterator[tuple[Position, Recorded]]:
    """The exchanges in *piece*, each with its position."""
    base = piece.file << FILE_SHIFT
    if piece.batch:
        yield from enumerate(piece.batch, base + piece.start)
        return
    try:
        yield from _lines(piece, base) if piece.end is not None else _whole(piece, base)
    except CannotRead as error:
        yield base, Unreadable(piece.name, str(error), is_rest=True)


def _whole(piece: Piece, base: Position) -> Iterator[tuple[Position, Recorded]]:
    with closing(open_source(Path(piece.path), piece.name)) as source:
        yield from enumerate(read_source(source), base + 1)


def _lines(piece: Piece, base: Position) -> Iterator[tuple[Position, Recorded]]:
    try:
        with Path(piece.path).open("rb") as file:
            # The line that begins before this piece belongs to the previous one.
            at = file.seek(max(0, piece.start - 1))
            for line, size in lines_of(file.read, LINE_BLOCK_BYTES):
                if at >= (piece.end or 0):
                    return
                if at >= piece.start and (line is None or not line.isspace()):
                    yield base + at, recorded_line(line, f"{piece.name} at byte {at}")
                at += size
    except OSError as error:
        raise CannotRead(f"it cannot be read: {error.strerror or error}") from None
