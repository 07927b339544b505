"""Lines of any length from a stream of blocks, in memory independent of the size of stream and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES


class TooLong:
    """Replaces a line longer than `MAX_ENTRY_BYTES`; the line itself is not kept."""


TOO_LONG = TooLong()


def lines_of(read: Callable[[int], bytes]) -> Iterator[bytes | TooLong]:
    """The lines, with their ends, of the bytes from *read* (at most the given number), called until it returns b""."""
    parts: list[bytes] = []
    size = 0
    while block := read(BLOCK):
        first, *rest = block.split(b"\n")
        size += len(first)
        if size <= MAX_ENTRY_BYTES:
            parts.append(first)
        else:
            parts.clear()
        if rest:
            yield _line([*parts, b"\n"], size)
            yield from (line + b"\n" for line in rest[:-1])
            parts, size = [rest[-1]], len(rest[-1])
    if size:
        yield _line(parts, size)


def _line(parts: list[bytes], size: int) -> bytes | TooLong:
    if size > MAX_ENTRY_BYTES:
        return TOO_LONG
    return b"".join(parts)
