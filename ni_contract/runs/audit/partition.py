"""Groups records by a key, in memory independent of their number."""

from __future__ import annotations

import marshal
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

BUCKETS: Final = 128
MAX_HELD_BYTES: Final = 16_000_000
RECORD_BYTES: Final = 200
_LENGTH_BYTES: Final = 8
# The version of the format in which equal values have equal bytes.
_CANONICAL: Final = 2

# A record: numbers, texts, bytes, None, and tuples of them.
Record = tuple[Any, ...]


class Partition:
    """Records in buckets by key: those of one key are in one bucket. Beyond a bound the buckets are written to files.

    *folder*: of the files, None where all stays in memory; several writers with names of their own may share it.
    """

    def __init__(self, folder: Path | None, name: str, writer: str = "") -> None:
        self._folder, self._name, self._writer = folder, name, writer
        self._buckets: defaultdict[int, list[Record]] = defaultdict(list)
        self._held = 0

    def add(self, key: int, record: Record, more_bytes: int = 0) -> None:
        """Adds *record*, whose texts take *more_bytes* beyond its numbers."""
        self._buckets[key % BUCKETS].append(record)
        self._held += RECORD_BYTES + more_bytes
        if self._held > MAX_HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Writes the records in memory to the folder, if there is one."""
        if self._folder is not None:
            self.take(self.held())
            self._buckets.clear()
            self._held = 0

    def held(self) -> dict[int, bytes]:
        """The records in memory, by bucket: the argument of `take`."""
        return {number: marshal.dumps(records) for number, records in self._buckets.items()}

    def take(self, buckets: Mapping[int, bytes]) -> None:
        """Writes the records from `held` of another partition with this name to the folder."""
        assert self._folder is not None  # noqa: S101  for the type checker
        for number, data in buckets.items():
            with (self._folder / f"{self._name}-{number}-{self._writer}").open("ab") as file:
                file.write(len(data).to_bytes(_LENGTH_BYTES, "little") + data)

    def bucket(self, number: int) -> Iterator[list[Record]]:
        """The records of one bucket from all writers that flushed it, in batches."""
        for path in self._files[number]:
            with path.open("rb") as file:
                while length := file.read(_LENGTH_BYTES):
                    yield marshal.loads(file.read(int.from_bytes(length, "little")))  # noqa: S302  our own bytes

    @cached_property
    def _files(self) -> Mapping[int, list[Path]]:
        """The files of each bucket, listed once: nothing is written once reading has begun."""
        assert self._folder is not None  # noqa: S101  for the type checker
        found: defaultdict[int, list[Path]] = defaultdict(list)
        for path in sorted(self._folder.glob(f"{self._name}-*")):
            found[int(path.name.split("-")[1])].append(path)
        return found


def packed(value: Record) -> bytes | None:
    """*value* as bytes, equal for equal values; None for a number with too many digits."""
    try:
        return marshal.dumps(value, _CANONICAL)
    except ValueError:
        return None


def unpacked(data: bytes) -> Record:
    """The value of the bytes *data* from `packed`."""
    value: Record = marshal.loads(data)  # noqa: S302  our own bytes
    return value


def hash_of(data: bytes) -> int:
    """A hash of 64 bits, the same in every process."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")
