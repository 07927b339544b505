"""`python tools/drop_broken_coverage.py`: removes the data files of coverage that a killed process left half written.

Tests kill processes, and coverage writes without a journal: `coverage combine` may end at such a file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def is_whole(file: Path) -> bool:
    """Whether *file* is a database of coverage without a fault."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("select version from coverage_schema")
            return database.execute("pragma integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def main() -> None:
    """Says how many of the files beside the one in COVERAGE_FILE are removed."""
    base = Path(os.environ.get("COVERAGE_FILE", ".coverage"))
    found = list(base.parent.glob(f"{base.name}.*"))
    broken = [file for file in found if not is_whole(file)]
    for file in broken:
        file.unlink()
    print(f"{len(broken)} of {len(found)} data files were left half written by killed processes, and are removed")


if __name__ == "__main__":
    main()
