"""Several reports on one page: as HTML, as JSON for programs, and as Markdown for a wiki or the summary of a CI job.

The page has a card with a trend for each target, the clauses by targets, and the history of each target.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import Any

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.judge.verdicts import FAIL, PASS, STALE
from ni_contract.printable import json_text, markdown_text
from ni_contract.report.html.page import page
from ni_contract.report.words import LABELS, plural
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


def matrix_markdown(matrix: Matrix, folder: Path) -> str:
    """The matrix as a Markdown document; links are relative to *folder*."""
    tables = chain.from_iterable(_table(matrix, edition, folder) for edition in EDITIONS)
    return "\n".join([*_targets(matrix, folder), *tables]) + "\n"


def _targets(matrix: Matrix, folder: Path) -> Iterator[str]:
    yield "# ni-contract: " + plural(sum(len(one.snapshots) for one in matrix.targets), "report")
    for target in matrix.targets:
        yield from ("", f"## {markdown_text(target.name)} ({target.command})", "")
        for one in target.snapshots:
            results = ", ".join(f"{edition}: {result}" for edition, result in one.results.items())
            yield f"- [{one.day}]({one.link(folder)}): {results}"
        changes = target.changes()
        if changes:
            yield from ("", "Changed since the report before:", "")
        for change in changes:
            before, after = (LABELS.get(word, word) or "absent" for word in (change.before, change.after))
            yield f"- {change.clause_id} ({change.edition}): {before} → {after}"


def _table(matrix: Matrix, edition: str, folder: Path) -> Iterator[str]:
    names = [markdown_text(target.name) for target in matrix.targets]
    yield from ("", f"## Clauses, {edition}", "", f"| clause | {' | '.join(names)} |", f"|---|{'---|' * len(names)}")
    for clause_id in matrix.clauses(edition):
        yield f"| {clause_id} | {' | '.join(_cell(target, edition, clause_id, folder) for target in matrix.targets)} |"


def _cell(target: MatrixTarget, edition: str, clause_id: str, folder: Path) -> str:
    word = target.latest.words.get(edition, {}).get(clause_id)
    if word is None:
        return ""
    return f"[{LABELS.get(word, word)}]({target.latest.link(folder, clause_id)})"


def matrix_html(matrix: Matrix, folder: Path) -> str:
    """The matrix as an HTML document; links are relative to *folder*."""
    snapshots = [*chain.from_iterable(target.snapshots for target in matrix.targets)]
    summary = f"{plural(len(snapshots), 'report')} of {plural(len(matrix.targets), 'target')}"
    times, span = sorted(one.time[:10] for one in snapshots if one.time), "without dates"
    if times:
        span = f"from {times[0]} to {times[-1]}"
    return page(
        "matrix.html",
        title=f"ni-contract: {summary}",
        links=[("result", "Targets"), *((edition, f"Clauses, {edition}") for edition in EDITIONS), ("words", "Words")],
        targets=matrix.targets,
        clauses={edition: matrix.clauses(edition) for edition in EDITIONS},
        folder=folder,
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
    ".html": matrix_html,
    ".json": matrix_json,
    ".md": matrix_markdown,
}
