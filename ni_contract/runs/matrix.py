"""Several JSON reports side by side: by target, and for each target from the oldest report to the newest."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.errors import UsageError
from ni_contract.runs.saved_report import changed_words, read_report, words_in

MAX_REPORTS = 2_000
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One report: its *file*, when the run began (ISO 8601, UTC; "" in a report of the first format), its verdicts.

    *words* are verdicts, *results* results, both by edition; *titles* are the clauses'. *page* is the HTML report
    beside the file, None where there is none.
    """

    file: str
    time: str
    words: Words
    results: Mapping[str, str]
    titles: Mapping[str, str]
    page: Path | None

    @property
    def day(self) -> str:
        """The day and the minute, or a phrase for a report without them."""
        return self.time.replace("T", " ")[:16] or "no date"

    def link(self, folder: Path, clause_id: str = "") -> str:
        """The link from a page in *folder*: to the clause in the HTML report, else to the file."""
        relative = quote(Path(os.path.relpath(self.page or self.file, folder)).as_posix())
        if clause_id and self.page:
            return f"{relative}#{clause_id}"
        return relative


@dataclass(frozen=True, slots=True)
class MatrixChange:
    """A clause whose verdict differs from the one in the report before; "" where it had none."""

    clause_id: str
    edition: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MatrixTarget:
    """A judged target with its command, and its reports from the oldest to the newest."""

    name: str
    command: str
    snapshots: tuple[Snapshot, ...]

    @property
    def latest(self) -> Snapshot:
        return self.snapshots[-1]

    def changes(self) -> list[MatrixChange]:
        """The differences of the newest report from the one before."""
        found: list[MatrixChange] = []
        for before, (edition, words) in product(self.snapshots[-2:-1], self.latest.words.items()):
            changed = changed_words(before.words.get(edition, {}), words, "")
            found += (MatrixChange(clause_id, edition, was, now) for clause_id, was, now in changed)
        return found


@dataclass(frozen=True, slots=True)
class Matrix:
    """All targets, in the order of their first reports."""

    targets: tuple[MatrixTarget, ...]

    def clauses(self, edition: str) -> dict[str, str]:
        """The titles of all clauses that a report has in *edition*, by id, in order."""
        found: dict[str, str] = {}
        for target in self.targets:
            for one in target.snapshots:
                found.update({clause_id: one.titles[clause_id] for clause_id in one.words.get(edition, {})})
        return dict(sorted(found.items()))


def read_matrix(names: Iterable[str]) -> Matrix:
    """The matrix of the JSON reports *names*, files or folders of them. Raises UsageError for other files."""
    files = list(_files(names))
    if not files:
        raise UsageError("there is no report: give files that --report FILE.json wrote, or a folder of them")
    if len(files) > MAX_REPORTS:
        raise UsageError(f"{len(files)} reports are too many for one page; give at most {MAX_REPORTS}")
    grouped: dict[tuple[str, str], list[Snapshot]] = {}
    for file in files:
        document = read_report(file)
        key = (str(document.get("target", "")), str(document.get("command", "")))
        grouped.setdefault(key, []).append(_snapshot(file, document))
    return Matrix(tuple(MatrixTarget(*key, tuple(sorted(found, key=_moment))) for key, found in grouped.items()))


def _files(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if Path(name).is_dir():
            yield from map(str, sorted(Path(name).glob("*.json")))
        else:
            yield name


def _snapshot(file: str, document: Mapping[str, Any]) -> Snapshot:
    page = Path(file).with_suffix(".html")
    try:
        editions = document["editions"]
        rows = chain.from_iterable(editions[edition]["clauses"] for edition in EDITIONS)
        return Snapshot(
            file,
            str((document.get("provenance") or {}).get("time", "")),
            {edition: words_in(document, edition) for edition in EDITIONS},
            {edition: str(editions[edition]["result"]) for edition in EDITIONS},
            {str(row["id"]): str(row.get("title", "")) for row in rows},
            page if page.is_file() else None,
        )
    except (KeyError, TypeError, AttributeError):
        raise UsageError(f"{file}: a report of ni-contract whose verdicts cannot be read") from None


def _moment(one: Snapshot) -> float:
    """Seconds since the epoch; a report without a time sorts before all others."""
    try:
        return datetime.fromisoformat(one.time).timestamp()
    except (ValueError, OverflowError):
        return 0.0
