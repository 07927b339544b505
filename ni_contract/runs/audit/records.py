"""Records of the whole traffic in a database on disk: sorted and grouped in memory independent of their number."""

import marshal
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import blake2b
from typing import Any, Final

from ni_contract.interruption import is_signal_deferred, uninterrupted

# How much of the database is in memory, while it is written, sorted and read.
MAX_CACHED_KILOBYTES: Final = 16_000
# After so many steps a statement of SQL looks for a signal: less than a millisecond.
_STEPS: Final = 10_000
# The version of the format in which equal values have equal bytes.
CANONICAL: Final = 2
GROUPS, REFUSALS, ID_RECORDS, FAULT_RECORDS, COMPARISONS = "groups", "refusals", "ids", "faults", "comparisons"
# The columns of each table. *hash* is that of a group, whose last bits are its faults; *position* the first exchange,
# *count* the number of exchanges, *data* what is packed.
_TABLES: Final = {
    # See `ResultGroup`; one group may have several rows, of different parts of the traffic.
    GROUPS: ("hash", "family", "key", "position", "count", "following", "data", "properties", "credential", "number"),
    # As of groups, with the number that was refused.
    REFUSALS: ("hash", "position", "count", "data", "number"),
    # Of each exchange: the hash of its request id, and the identity by which a copy in another file is known.
    ID_RECORDS: ("id", "position", "hash", "identity"),
    # *bits* are the editions. Of all exchanges of a group, or (with a position) of a single one.
    FAULT_RECORDS: ("hash", "bits", "count", "position"),
    # *key* is a hash of the fields that stay equal while *relation* varies another, whose value is *value*.
    COMPARISONS: ("key", "position", "hash", "count", "relation", "value", "outcome"),
}

# A record: numbers, texts, bytes, None; one that is packed may have tuples, too.
Record = tuple[Any, ...]


class Records:
    """The tables; raises sqlite3.Error where they cannot be written."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        # Nothing is kept for a crash or a rollback, because no other run reads the file. A negative size is in kB.
        for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{MAX_CACHED_KILOBYTES}"):
            database.execute(f"PRAGMA {setting}")
        for table, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        database.execute("BEGIN")

    def take(self, parts: Mapping[str, bytes]) -> None:
        """Adds the records of a part of the traffic, a packed list for each table."""
        for table, data in parts.items():
            self.add(table, unpacked(data))

    def add(self, table: str, records: Iterable[Record]) -> None:
        marks = ", ".join("?" for _ in _TABLES[table])
        self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", records)  # noqa: S608  names of our own

    def query(self, sql: str) -> Iterator[Any]:
        """Runs *sql*; the rows that it selects are read one by one."""
        return self._database.execute(sql)

    @contextmanager
    def ended_by_signals(self) -> Iterator[None]:
        """Has a signal end the block, even within a statement, where what a handler raises would be lost."""
        self._database.set_progress_handler(is_signal_deferred, _STEPS)
        with uninterrupted():
            yield


@contextmanager
def open_records() -> Iterator[Records]:
    """Empty tables in a file without a name, which ends with the process. Raises OSError where it cannot be written."""
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            yield Records(database)
    except sqlite3.Error as error:
        raise OSError(f"temporary files cannot be written: {error}") from None


def packed(value: Any) -> bytes:
    """*value* as bytes, equal for equal values of equal types; b"" for one that has other parts than records have."""
    try:
        return marshal.dumps(value, CANONICAL)
    except ValueError:
        return b""


def unpacked(data: bytes) -> Any:
    return marshal.loads(data)  # noqa: S302  our own bytes


def hash_of(data: bytes) -> int:
    """A hash of 64 bits, the same in every process."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
