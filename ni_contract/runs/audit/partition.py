"""Groups records by a key, in memory independent of their number."""

import marshal
from collections import defaultdict
from collections.abc import Iterator, Mapping
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


def bucket_of(key: int) -> int:
    """The number of the bucket in which the records of *key* are."""
    return key % BUCKETS


class Partition:
    """Records in files by bucket, in *folder* under *name*. Those in memory are written beyond a bound."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._held = folder, name, 0
        self._records: defaultdict[int, list[Record]] = defaultdict(list)
        self._taken: defaultdict[int, list[bytes]] = defaultdict(list)

    def add(self, key: int, record: Record, more_bytes: int = 0) -> None:
        """Adds *record*, whose texts take *more_bytes* beyond its numbers."""
        self._records[bucket_of(key)].append(record)
        self._hold(RECORD_BYTES + more_bytes)

    def take(self, buckets: Mapping[int, bytes]) -> None:
        """Adds records by bucket, as `packed_buckets` returns them."""
        for number, data in buckets.items():
            self._taken[number].append(data)
            self._hold(len(data))

    def _hold(self, more: int) -> None:
        self._held += more
        if self._held > MAX_HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        for number, data in packed_buckets(self._records).items():
            self._taken[number].append(data)
        for number, parts in self._taken.items():
            with self._file(number).open("ab") as file:
                file.writelines(len(data).to_bytes(_LENGTH_BYTES, "little") + data for data in parts)
        self._records.clear()
        self._taken.clear()
        self._held = 0

    def _file(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number}"

    def bucket(self, number: int) -> Iterator[Record]:
        """The records of one bucket that were written."""
        if self._file(number).exists():
            with self._file(number).open("rb") as file:
                while length := file.read(_LENGTH_BYTES):
                    yield from marshal.loads(file.read(int.from_bytes(length, "little")))  # noqa: S302  our own bytes


def packed_buckets(buckets: Mapping[int, list[Record]]) -> dict[int, bytes]:
    return {number: marshal.dumps(records) for number, records in buckets.items()}


def packed(value: Record) -> bytes:
    """*value* as bytes, equal for equal values of equal types; b"" for one that has other parts than records have."""
    try:
        return marshal.dumps(value, _CANONICAL)
    except ValueError:
        return b""


def unpacked(data: bytes) -> Record:
    value: Record = marshal.loads(data)  # noqa: S302  our own bytes
    return value


def hash_of(data: bytes) -> int:
    """A hash of 64 bits, the same in every process."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")
