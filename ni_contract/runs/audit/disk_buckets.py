"""What relations need of each exchange, in buckets: those that can be related are in one, so each is judged alone.

Buckets grow with the traffic and are small; beyond a bound they go to files, so that memory does not.
"""

from __future__ import annotations

import marshal
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

BUCKETS: Final = 64
MAX_IN_MEMORY: Final = 8_000_000
_ID = struct.Struct("=QQQ")
# Ids are in the first buckets, related exchanges in the others.
RELATED: Final = BUCKETS


FAULTS: Final = 0b11


def group_hash(packed: bytes, faults: int) -> int:
    """Names a group; its last bits (`FAULTS`) tell in which editions the exchanges of it fail by themselves."""
    return int.from_bytes(blake2b(packed, digest_size=8).digest(), "little") & ~FAULTS | faults


class IdRecord(NamedTuple):
    """A request id (a hash), where it was seen, and whether its exchange fails already: see `Collector`."""

    request_id: int
    position: int
    group: int


class DiskBuckets:
    """Appends records to buckets; *folder* is where they go when they are too many, None where they stay here."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder, self._name = folder, name
        self._buckets: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._size = 0

    def add_id(self, request_id: int, position: int, group: int) -> None:
        """Adds the id of an exchange."""
        self._buckets[request_id % BUCKETS] += _ID.pack(request_id, position, group)
        self._size += _ID.size
        if self._size > MAX_IN_MEMORY:
            self.flush()

    def add_related(self, family: int, record: tuple[Any, ...]) -> None:
        """Adds what is known of related exchanges of *family* (a hash of number and country)."""
        data = marshal.dumps(record)
        self._buckets[RELATED + family % BUCKETS] += len(data).to_bytes(4, "little") + data
        self._size += len(data)
        if self._size > MAX_IN_MEMORY:
            self.flush()

    def take_over(self, buckets: Mapping[int, bytes]) -> None:
        """Adds the buckets of another spill."""
        for number, data in buckets.items():
            self._buckets[number] += data
            self._size += len(data)
        if self._size > MAX_IN_MEMORY:
            self.flush()

    def flush(self) -> None:
        """Moves what is in memory to the folder, if there is one."""
        if self._folder is None:
            return
        for number, data in self._buckets.items():
            with (self._folder / f"{number}-{self._name}").open("ab") as file:
                file.write(data)
        self._buckets.clear()
        self._size = 0

    def rest(self) -> dict[int, bytes]:
        """What is in memory, by bucket."""
        return {number: bytes(data) for number, data in self._buckets.items()}


def read_bucket(folder: Path, number: int) -> bytes:
    """All of one bucket that was flushed to *folder*."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"{number}-*")))


def ids_in(bucket: bytes) -> Iterator[IdRecord]:
    """The records that `add_id` wrote."""
    return map(IdRecord._make, _ID.iter_unpack(bucket))


def id_numbers_in(bucket: bytes) -> list[int]:
    """The ids alone, for which no record has to be made."""
    return memoryview(bucket).cast("Q")[::3].tolist()


def related_in(bucket: bytes) -> Iterator[tuple[Any, ...]]:
    """The records that `add_related` wrote."""
    at = 0
    while at < len(bucket):
        size = int.from_bytes(bucket[at : at + 4], "little")
        yield marshal.loads(bucket[at + 4 : at + 4 + size])  # noqa: S302  our own process wrote it
        at += 4 + size
