"""Lines of any length from a stream of blocks, in memory independent of the size of stream and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES


def lines_of(read: Callable[[int], bytes]) -> Iterator[bytes | None]:
    """The lines, with their ends, of the bytes from *read*, None for each that is longer than `MAX_ENTRY_BYTES`."""
    parts: list[bytes] = []
    size = 0
    while block := read(BLOCK):
        first, *rest = block.split(b"\n")
        size += len(first)
        parts = [*parts, first] if size <= MAX_ENTRY_BYTES else []
        if rest:
            yield _line([*parts, b"\n"], size)
            yield from (line + b"\n" for line in rest[:-1])
            parts, size = [rest[-1]], len(rest[-1])
    if size:
        yield _line(parts, size)


def _line(parts: list[bytes], size: int) -> bytes | None:
    return b"".join(parts) if size <= MAX_ENTRY_BYTES else None
