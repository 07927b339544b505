"""Several reports on one page: as HTML, as JSON for programs, and as Markdown for a wiki or the summary of a CI job.

The page has a card with a trend for each target, the clauses by targets, and the history of each target.
"""

from __future__ import annotations

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
from ni_contract.report.html.page import Child, Html, bar, chip, element, page, rows, scrolled, section, table
from ni_contract.report.words import GLOSSARY, LABELS, counted, plural
from ni_contract.runs.matrix import Matrix, MatrixChange, MatrixTarget, Snapshot

_BAR, _GAP, _HEIGHT = 14, 4, 48


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
        yield from _changes(target)


def _changes(target: MatrixTarget) -> Iterator[str]:
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
    links = [("result", "Targets"), *((edition, f"Clauses, {edition}") for edition in EDITIONS), ("words", "Words")]
    body = [
        _head(matrix, folder),
        [_clauses(matrix, edition, folder) for edition in EDITIONS],
        [
            section(f"history-{number}", f"History: {target.name}", [_days(target, e, folder) for e in EDITIONS])
            for number, target in enumerate(matrix.targets)
            if len(target.snapshots) > 1
        ],
        section("words", "Words", rows(GLOSSARY.items(), "glossary")),
    ]
    return page(f"ni-contract: {_summary(matrix)}", links, body)


def _summary(matrix: Matrix) -> str:
    reports = sum(len(target.snapshots) for target in matrix.targets)
    return f"{plural(reports, 'report')} of {plural(len(matrix.targets), 'target')}"


def _head(matrix: Matrix, folder: Path) -> Html:
    snapshots = chain.from_iterable(target.snapshots for target in matrix.targets)
    times = sorted(one.time[:10] for one in snapshots if one.time)
    span = "without dates"
    if times:
        span = f"from {times[0]} to {times[-1]}"
    banner = element("header", element("h1", _summary(matrix)), element("p", span, class_="lead"), class_="banner")
    return element(
        "section", banner, element("div", [_card(t, folder) for t in matrix.targets], class_="cards"), id="result"
    )


def _card(target: MatrixTarget, folder: Path) -> Html:
    latest = target.latest
    return element(
        "div",
        element("h2", target.name),
        element("p", f"{target.command}, ", element("a", latest.day, href=latest.link(folder)), class_="kind"),
        [_edition(target, edition) for edition in latest.results],
        element("h3", "Changed since the report before"),
        element("ul", [_change(change, latest, folder) for change in target.changes()] or element("li", "nothing")),
        class_="card",
    )


def _edition(target: MatrixTarget, edition: str) -> list[Html]:
    words, result = target.latest.words[edition].values(), target.latest.results[edition]
    return [
        element("p", edition, ": ", element("span", result, class_=f"verdict {result}")),
        bar(words),
        element("p", counted(words)),
        _trend(target, edition),
    ]


def _trend(target: MatrixTarget, edition: str) -> Html:
    """A bar for each report, of the clauses that pass and fail; the text gives the first and the last."""
    words = (Counter(one.words.get(edition, {}).values()) for one in target.snapshots)
    counts = [(one[PASS], one[FAIL] + one[STALE]) for one in words]
    most = max(map(sum, counts), default=0) or 1
    width = len(counts) * (_BAR + _GAP)
    failing = ", ".join(str(bad) for _, bad in counts)
    label = f"{edition}, failing clauses from the oldest report to the newest: {failing}"
    bars = [_trend_bar(index, good, bad, most) for index, (good, bad) in enumerate(counts)]
    svg = element("svg", bars, viewBox=f"0 0 {max(width, 160)} {_HEIGHT}", class_="trend", role="img", aria_label=label)
    return element("figure", svg, element("figcaption", label))


def _trend_bar(index: int, good: int, bad: int, most: int) -> list[Html]:
    x, red, green = index * (_BAR + _GAP), bad * _HEIGHT / most, good * _HEIGHT / most
    return [
        element("rect", x=x, y=f"{_HEIGHT - red:.1f}", width=_BAR, height=f"{red:.1f}", class_="fail"),
        element("rect", x=x, y=f"{_HEIGHT - red - green:.1f}", width=_BAR, height=f"{green:.1f}", class_="pass"),
    ]


def _change(change: MatrixChange, latest: Snapshot, folder: Path) -> Html:
    link = element("a", change.clause_id, href=latest.link(folder, change.clause_id))
    before, after = (chip(word) if word else "absent" for word in (change.before, change.after))
    return element("li", link, f" ({change.edition}): ", before, " → ", after)


def _clauses(matrix: Matrix, edition: str, folder: Path) -> Html:
    names = ("Clause", *(target.name for target in matrix.targets))
    before = [_before(target, edition) for target in matrix.targets]
    body = []
    for clause_id, title in matrix.clauses(edition).items():
        cells = [
            element("td", _link(target.latest, edition, clause_id, folder), was.get(clause_id, ""))
            for target, was in zip(matrix.targets, before, strict=True)
        ]
        statement = element("span", title, class_="reason")
        body.append(element("tr", element("th", clause_id, statement, scope="row"), cells))
    found = table(f"The newest report of each target, {edition}; each cell leads to its report", names, body, "cells")
    return section(edition, f"Clauses by target, {edition}", scrolled(found))


def _before(target: MatrixTarget, edition: str) -> dict[str, Html]:
    """The verdict in the report before, for each clause whose verdict changed."""
    changes = (change for change in target.changes() if change.edition == edition)
    return {one.clause_id: element("span", f"was {one.before or 'absent'}", class_="reason") for one in changes}


def _link(one: Snapshot, edition: str, clause_id: str, folder: Path) -> Child:
    word = one.words.get(edition, {}).get(clause_id)
    if word is None:
        return "not in this report"
    return element("a", chip(word), href=one.link(folder, clause_id), class_="cell")


def _days(target: MatrixTarget, edition: str, folder: Path) -> Html:
    words = [one.words.get(edition, {}) for one in target.snapshots]
    ids = sorted(set(chain.from_iterable(words)))
    changing = [i for i in ids if set(map(methodcaller("get", i), words)) != {PASS}]
    days = [element("a", one.day, href=one.link(folder)) for one in target.snapshots]
    body = [_day_row(target, edition, clause_id, folder) for clause_id in changing]
    caption = f"{edition}: every clause but the {len(ids) - len(changing)} that pass in each report"
    return scrolled(table(caption, ("Clause", *days), body, "cells"))


def _day_row(target: MatrixTarget, edition: str, clause_id: str, folder: Path) -> Html:
    cells = [element("td", _link(one, edition, clause_id, folder)) for one in target.snapshots]
    return element("tr", element("th", clause_id, scope="row"), cells)


# The folder is the one to which links are relative.
MATRIX_FORMATS: dict[str, Callable[[Matrix, Path], str]] = {
    ".html": matrix_html,
    ".json": matrix_json,
    ".md": matrix_markdown,
}
