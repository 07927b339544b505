"""Several reports on one page: as HTML, as JSON for programs, and as Markdown for a wiki or the summary of a CI job.

The page has a card with a trend for each target, the clauses by targets, and the history of each target.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.judge.verdicts import FAIL, PASS, STALE
from ni_contract.printable import json_text
from ni_contract.report.documents.page import page
from ni_contract.report.words import plural
from ni_contract.runs.matrix import Matrix, MatrixTarget


def matrix_json(matrix: Matrix, folder: Path) -> str:
    """The matrix as a JSON document; links are relative to *folder*."""
    document = {
        "tool": "ni-contract",
        "kind": "matrix",
        "format": 1,
        "clauses": {edition: matrix.clauses(edition) for edition in EDITIONS},
        "targets": [_target(target, folder) for target in matrix.targets],
    }
    return json_text(document)


def _target(target: MatrixTarget, folder: Path) -> dict[str, Any]:
    reports = [
        {"report": one.link(folder), "time": one.time or None, "results": one.results, "verdicts": one.words}
        for one in target.snapshots
    ]
    changes = [asdict(change) for change in target.changes()]
    return {"target": target.name, "command": target.command, "reports": reports, "changes": changes}


def _page(template: str, matrix: Matrix, folder: Path) -> str:
    """The matrix by *template*; links are relative to *folder*."""
    snapshots = [*chain.from_iterable(target.snapshots for target in matrix.targets)]
    count = plural(len(snapshots), "report")
    summary = f"{count} of {plural(len(matrix.targets), 'target')}"
    times, span = sorted(one.time[:10] for one in snapshots if one.time), "without dates"
    if times:
        span = f"from {times[0]} to {times[-1]}"
    return page(
        template,
        title=f"ni-contract: {summary}",
        links=[("result", "Targets"), *((edition, f"Clauses, {edition}") for edition in EDITIONS), ("words", "Words")],
        targets=matrix.targets,
        clauses={edition: matrix.clauses(edition) for edition in EDITIONS},
        folder=folder,
        count=count,
        summary=summary,
        span=span,
        counts_of=_counts,
        changing=_changing,
        columns={edition: [(one, _before(one, edition)) for one in matrix.targets] for edition in EDITIONS},
    )


def _counts(target: MatrixTarget, edition: str) -> list[tuple[int, int]]:
    """The numbers of clauses that pass and that fail in each report, from the oldest to the newest."""
    words = (Counter(one.words.get(edition, {}).values()) for one in target.snapshots)
    return [(one[PASS], one[FAIL] + one[STALE]) for one in words]


def _before(target: MatrixTarget, edition: str) -> dict[str, str]:
    """The verdict in the report before, or "absent", for each clause whose verdict in *edition* changed."""
    return {one.clause_id: one.before or "absent" for one in target.changes() if one.edition == edition}


def _changing(target: MatrixTarget, edition: str) -> tuple[list[str], int]:
    """The clauses that do not pass in each report, and the number of those that do."""
    words = [one.words.get(edition, {}) for one in target.snapshots]
    ids = sorted(set(chain.from_iterable(words)))
    changing = [i for i in ids if set(map(methodcaller("get", i), words)) != {PASS}]
    return changing, len(ids) - len(changing)


# The folder is the one to which links are relative.
MATRIX_FORMATS: dict[str, Callable[[Matrix, Path], str]] = {
    ".html": partial(_page, "matrix.html"),
    ".json": matrix_json,
    ".md": partial(_page, "matrix.md"),
}
