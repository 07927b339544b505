"""The report on a terminal or in a log: the table by area, the failures, the lists, and the last lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ni_contract.judge.verdicts import DEVIATES, FAIL, PASS, STALE, UNCLAIMED, UNTESTED, WARN, Verdict
from ni_contract.report.closing import closing, editions_of, is_empty
from ni_contract.report.failure import failure_lines, follows_text
from ni_contract.report.layout import TABLE_WIDTH, UNBOUNDED, paragraph
from ni_contract.report.words import AREAS, LABELS, area_of
from ni_contract.runs.run import Run

_GAP = 2
_WORDS_WIDTH = 27


def terminal_report(run: Run, edition: str, width: int = UNBOUNDED, reports: Sequence[str] = ()) -> str:
    """The report as text for *width* columns; the failures in full are those of *edition*, which sets the exit code.

    *reports* are the files that were written.
    """
    parts: list[str] = [f"{run.target}"]
    if "\n" in run.error:
        parts += ["", f"error: {run.error}"]
    if not (run.error and is_empty(run)):
        parts += [*_table(run, edition, width), *_checked(run), *_failures(run, edition, width)]
        for line in _remarks(run, edition):
            parts += paragraph(line, width, hanging="  ")
        parts += _discoveries(run)
    parts += [*(line for note in run.notes for line in paragraph(f"note: {note}", width, hanging="  "))]
    parts += closing(run, edition, width, reports)
    return run.account.redactor()("\n".join(parts))


def _table(run: Run, edition: str, width: int) -> Iterator[str]:
    editions, bound = editions_of(run, edition), width or TABLE_WIDTH
    areas = {area_of(v.clause.id) for verdicts in run.verdicts.values() for v in verdicts}
    rows = {name: [_counts(run.verdicts[e], name) for e in editions] for name in AREAS if name in areas}
    columns = [max(len(e), *(len(cells[i]) for cells in rows.values())) + _GAP for i, e in enumerate(editions)]
    yield ""
    if 5 + sum(columns) - _GAP > bound:
        yield from _stacked(rows, editions, bound)
    else:
        head = 5 + (_WORDS_WIDTH if 5 + _WORDS_WIDTH + sum(columns) - _GAP <= bound else 0)
        yield (" " * head + "".join(f"{e:<{w}}" for e, w in zip(editions, columns, strict=True))).rstrip()
        for name, cells in rows.items():
            start = f"{name}  {AREAS[name]}" if head > 5 else name
            yield (f"{start:<{head}}" + "".join(f"{c:<{w}}" for c, w in zip(cells, columns, strict=True))).rstrip()
    yield ""


def _stacked(rows: dict[str, list[str]], editions: list[str], width: int) -> Iterator[str]:
    for index, edition in enumerate(editions):
        yield edition
        for name, cells in rows.items():
            yield from paragraph(cells[index], width, f"{name}  ", " " * 5)


def _counts(verdicts: Iterable[Verdict], area: str) -> str:
    counts = Counter(v.word for v in verdicts if area_of(v.clause.id) == area)
    order = sorted(LABELS, key=lambda word: word != PASS)
    return ", ".join(f"{counts[word]} {LABELS[word]}" for word in order if counts[word]) or "-"


def _checked(run: Run) -> Iterator[str]:
    """The table of checked clauses; only for recorded traffic, where they depend on the traffic."""
    if run.traffic is None:
        return
    both = {v.clause.id: v for verdicts in run.verdicts.values() for v in verdicts}
    yield f"{'clause':<13}{'checked':>12}{'failed':>12}"
    for clause_id in sorted(both):
        if both[clause_id].evaluated:
            yield f"{clause_id:<13}{both[clause_id].evaluated:>12}{both[clause_id].failed or '-':>12}"
    yield ""


def _failures(run: Run, edition: str, width: int) -> Iterator[str]:
    """A text for each root cause; in a run without groups each failing clause is a cause."""
    failing = {v.clause.id: v for v in run.verdicts[edition] if v.word == FAIL}
    for cause in run.causes.get(edition, ()):
        if cause.clause_id in failing:
            yield from failure_lines(run, failing.pop(cause.clause_id), width)
            for other in cause.explains:
                if other in failing:
                    yield from paragraph(follows_text(failing.pop(other)).strip(), width, "  ", " " * 12)
            yield ""
    for verdict in failing.values():
        yield from failure_lines(run, verdict, width)
        yield ""


def _remarks(run: Run, edition: str) -> Iterator[str]:
    yield from _other_edition(run, edition)
    for word in (STALE, DEVIATES):
        for verdict in run.verdicts[edition]:
            if verdict.word == word:
                yield f"{word}: {verdict.clause.id} {verdict.clause.title}: {verdict.reason}"
    for verdict in run.verdicts[edition]:
        if verdict.word == WARN:
            found = verdict.failures[0].finding
            yield f"warning: {verdict.clause.id} {verdict.clause.title} (SHOULD); {found.at}: {found.actual}"
    if not run.error:
        yield from _unanswered(run, edition)
    yield from _ledger(run, edition)


def _other_edition(run: Run, edition: str) -> Iterator[str]:
    shown = {v.clause.id for v in run.verdicts[edition] if v.word == FAIL}
    for other, verdicts in run.verdicts.items():
        ids = [v.clause.id for v in verdicts if v.word == FAIL and v.clause.id not in shown]
        if other != edition and ids:
            yield f"failing only as {other}: {', '.join(ids)} (shown in full with --edition {other})"


def _unanswered(run: Run, edition: str) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for verdict in run.verdicts[edition]:
        if verdict.word in (UNCLAIMED, UNTESTED):
            reasons.setdefault(f"{LABELS[verdict.word]}, {verdict.reason}", []).append(verdict.clause.id)
    for reason, ids in reasons.items():
        yield f"{reason}: {', '.join(ids)}"


def _discoveries(run: Run) -> Iterator[str]:
    for found in run.discoveries:
        vector = {"id": "found-by-exploration", "title": found.judged.clause_id, "request": found.fields}
        yield f"found by drawn requests ({found.judged.clause_id}); a vector to keep:\n  {json.dumps(vector)}"


def _ledger(run: Run, edition: str) -> Iterator[str]:
    """The clauses that this run did not confirm, with the day of their last confirmation."""
    if run.ledger is None:
        return
    days: dict[str, list[str]] = {}
    for verdict in run.verdicts[edition]:
        if verdict.word != PASS:
            days.setdefault(run.ledger.confirmed.get(verdict.clause.id, "never"), []).append(verdict.clause.id)
    for day, ids in sorted(days.items()):
        yield f"last confirmed by {run.ledger.host}, {day}: {', '.join(ids)}"
