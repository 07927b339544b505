"""A matrix as a page: a card with a trend for each target, clauses by targets, and the history of each target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.judge.verdicts import FAIL, PASS, STALE
from ni_contract.report.html.elements import Child, Html, element
from ni_contract.report.html.page import page, rows, section
from ni_contract.report.html.verdict import bar, chip, counted
from ni_contract.report.matrix.links import day_of, link_to
from ni_contract.report.words import GLOSSARY, plural
from ni_contract.runs.matrix import Matrix, MatrixChange, MatrixTarget, Snapshot

_BAR, _GAP, _HEIGHT = 14, 4, 48
_PARTS = ((PASS,), (FAIL, STALE))


def matrix_html(matrix: Matrix, folder: Path) -> str:
    """The matrix as an HTML document; links are relative to *folder*."""
    links = [("result", "Targets"), *((edition, f"Clauses, {edition}") for edition in EDITIONS), ("words", "Words")]
    body = [
        _head(matrix, folder),
        [_clauses(matrix, edition, folder) for edition in EDITIONS],
        [_history(target, number, folder) for number, target in enumerate(matrix.targets) if len(target.snapshots) > 1],
        section("words", "Words", rows(GLOSSARY.items(), "glossary")),
    ]
    return page(f"ni-contract: {_summary(matrix)}", links, body)


def _summary(matrix: Matrix) -> str:
    reports = sum(len(target.snapshots) for target in matrix.targets)
    return f"{plural(reports, 'report')} of {plural(len(matrix.targets), 'target')}"


def _head(matrix: Matrix, folder: Path) -> Html:
    times = sorted(one.time for target in matrix.targets for one in target.snapshots if one.time)
    span = f"from {times[0][:10]} to {times[-1][:10]}" if times else "without dates"
    banner = element("header", element("h1", _summary(matrix)), element("p", span, class_="lead"), class_="banner")
    return element(
        "section", banner, element("div", [_card(t, folder) for t in matrix.targets], class_="cards"), id="result"
    )


def _card(target: MatrixTarget, folder: Path) -> Html:
    latest = target.latest
    return element(
        "div",
        element("h2", target.name),
        element("p", f"{target.command}, ", element("a", day_of(latest), href=link_to(latest, folder)), class_="kind"),
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
    """For each report a bar of the clauses that pass and fail; the text gives the first and the last."""
    counts = [
        [sum(w in part for w in one.words.get(edition, {}).values()) for part in _PARTS] for one in target.snapshots
    ]
    most = max((sum(pair) for pair in counts), default=0) or 1
    width = len(counts) * (_BAR + _GAP)
    label = (
        f"{edition}, failing clauses from the oldest report to the newest: {', '.join(str(bad) for _, bad in counts)}"
    )
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
    link = element("a", change.clause_id, href=link_to(latest, folder, change.clause_id))
    return element("li", link, f" ({change.edition}): ", _word(change.before), " → ", _word(change.after))


def _word(word: str) -> Child:
    if word:
        return chip(word)
    return "absent"


def _clauses(matrix: Matrix, edition: str, folder: Path) -> Html:
    head = element("tr", [element("th", name, scope="col") for name in ("Clause", *(t.name for t in matrix.targets))])
    changed = [{c.clause_id: c for c in target.changes() if c.edition == edition} for target in matrix.targets]
    body = []
    for clause_id, title in matrix.clauses(edition).items():
        cells = [
            _latest_cell(target, edition, clause_id, changes.get(clause_id), folder)
            for target, changes in zip(matrix.targets, changed, strict=True)
        ]
        statement = element("span", title, class_="reason")
        body.append(element("tr", element("th", clause_id, statement, scope="row"), cells))
    caption = element("caption", f"The newest report of each target, {edition}; each cell leads to its report")
    return section(edition, f"Clauses by target, {edition}", _table(caption, head, body))


def _table(caption: Html, head: Html, body: list[Html]) -> Html:
    table = element("table", caption, element("thead", head), element("tbody", body), class_="cells")
    return element("div", table, class_="scroll", tabindex="0", role="group", aria_label="Table, may be scrolled")


def _latest_cell(target: MatrixTarget, edition: str, clause_id: str, change: MatrixChange | None, folder: Path) -> Html:
    was = element("span", f"was {change.before or 'absent'}", class_="reason") if change else ""
    return element("td", _link(target.latest, edition, clause_id, folder), was)


def _link(one: Snapshot, edition: str, clause_id: str, folder: Path) -> Child:
    word = one.words.get(edition, {}).get(clause_id)
    if word is None:
        return "not in this report"
    return element("a", chip(word), href=link_to(one, folder, clause_id), class_="cell")


def _history(target: MatrixTarget, number: int, folder: Path) -> Html:
    return section(f"history-{number}", f"History: {target.name}", [_days(target, e, folder) for e in EDITIONS])


def _days(target: MatrixTarget, edition: str, folder: Path) -> Html:
    ids = sorted({clause_id for one in target.snapshots for clause_id in one.words.get(edition, {})})
    steady = [i for i in ids if {one.words.get(edition, {}).get(i) for one in target.snapshots} == {PASS}]
    head = element("tr", element("th", "Clause", scope="col"), list(_heads(target, folder)))
    body = [
        element(
            "tr",
            element("th", i, scope="row"),
            [element("td", _link(one, edition, i, folder)) for one in target.snapshots],
        )
        for i in ids
        if i not in steady
    ]
    caption = element("caption", f"{edition}: every clause but the {len(steady)} that pass in each report")
    return _table(caption, head, body)


def _heads(target: MatrixTarget, folder: Path) -> Iterator[Html]:
    for one in target.snapshots:
        yield element("th", element("a", day_of(one), href=link_to(one, folder)), scope="col")
