"""The report on a terminal or in a log: the table by area, the failures, the lists, and the last lines."""

import json
from collections.abc import Iterable, Iterator, Sequence

from ni_contract.errors import option
from ni_contract.judge.verdicts import DEVIATES, FAIL, PASS, STALE, UNCLAIMED, UNTESTED, WARN, Verdict
from ni_contract.report.closing import by_weight, closing, editions_of, unconfirmed
from ni_contract.report.failure import failure_lines, follows_text
from ni_contract.report.layout import TABLE_WIDTH, UNBOUNDED, paragraph
from ni_contract.report.words import AREAS, LABELS, area_of, by_cause, counted, grouped
from ni_contract.runs.run import Run

_GAP = 2
_AREA_WIDTH, _WORDS_WIDTH = 5, 27


def terminal_report(run: Run, edition: str, width: int = UNBOUNDED, reports: Sequence[str] = ()) -> str:
    """The report as text for *width* columns; the failures in full are those of *edition*, which sets the exit code.

    *reports* are the files that were written.
    """
    parts: list[str] = [f"{run.target}"]
    if "\n" in run.error:
        parts += ["", f"error: {run.error}"]
    if not run.error or any(verdict.evaluated for verdict in run.all_verdicts()):
        parts += [*_table(run, edition, width), *_checked(run), *_failures(run, edition, width)]
        for line in _remarks(run, edition):
            parts += paragraph(line, width, hanging="  ")
        parts += _discoveries(run, edition)
    for note in run.notes:
        parts += paragraph(f"note: {note}", width, hanging="  ")
    parts += closing(run, edition, width, reports)
    return run.account.redactor()("\n".join(parts))


def _table(run: Run, edition: str, width: int) -> Iterator[str]:
    editions, bound = editions_of(run, edition), width or TABLE_WIDTH
    areas = {area_of(verdict.clause.id) for verdict in run.all_verdicts()}
    rows = {name: [_counts(run.verdicts[edition], name) for edition in editions] for name in AREAS if name in areas}
    widths = [max(map(len, column)) + _GAP for column in zip(editions, *rows.values(), strict=True)]
    spare = bound - (_AREA_WIDTH + sum(widths) - _GAP)
    yield ""
    if spare < 0:
        yield from _stacked(rows, editions, bound)
    else:
        head = _AREA_WIDTH
        if spare >= _WORDS_WIDTH:
            head += _WORDS_WIDTH
            rows = {f"{name}  {AREAS[name]}": cells for name, cells in rows.items()}
        yield from (_line(start, cells, head, widths) for start, cells in (("", editions), *rows.items()))
    yield ""


def _line(start: str, cells: Sequence[str], head: int, widths: Sequence[int]) -> str:
    columns = "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{start:<{head}}{columns}".rstrip()


def _stacked(rows: dict[str, list[str]], editions: list[str], width: int) -> Iterator[str]:
    for index, edition in enumerate(editions):
        yield edition
        for name, cells in rows.items():
            yield from paragraph(cells[index], width, f"{name}  ", " " * 5)


def _counts(verdicts: Iterable[Verdict], area: str) -> str:
    return counted((v.word for v in verdicts if area_of(v.clause.id) == area), PASS) or "-"


def _checked(run: Run) -> Iterator[str]:
    """The table of checked clauses; only for recorded traffic, where they depend on the traffic."""
    if run.traffic is None:
        return
    both = {verdict.clause.id: verdict for verdict in run.all_verdicts()}
    yield f"{'clause':<13}{'checked':>12}{'failed':>12}"
    for clause_id in sorted(both):
        if both[clause_id].evaluated:
            yield f"{clause_id:<13}{both[clause_id].evaluated:>12}{both[clause_id].failed or '-':>12}"
    yield ""


def _failures(run: Run, edition: str, width: int) -> Iterator[str]:
    """A text for each root cause; in a run without groups each failing clause is a cause."""
    shown = WARN if _has_warnings_alone(run, edition) else FAIL
    failing = {v.clause.id: v for v in run.verdicts_with(edition, shown)}
    causes = ((cause.clause_id, cause.explains) for cause in run.causes.get(edition, ()))
    for leader, followers in by_cause(failing, causes):
        yield from failure_lines(run, failing[leader], width)
        for other in followers:
            yield from paragraph(follows_text(failing[other]).strip(), width, "  ", " " * 12)
        yield ""


def _has_warnings_alone(run: Run, edition: str) -> bool:
    """Whether a client has no failures, so that its warnings, if any, are shown as failures are."""
    return run.command == "witness" and not run.verdicts_with(edition, FAIL, STALE)


def _remarks(run: Run, edition: str) -> Iterator[str]:
    yield from failing_elsewhere(run, edition)
    for verdict in (*run.verdicts_with(edition, STALE), *run.verdicts_with(edition, DEVIATES)):
        yield f"{verdict.word}: {verdict.clause.id} {verdict.clause.title}: {verdict.reason}"
    if not _has_warnings_alone(run, edition):
        yield from warnings(run, edition)
    if not run.error:
        yield from _unanswered(run, edition)
    yield from _ledger(run, edition)


def warnings(run: Run, edition: str) -> Iterator[str]:
    """A line for each SHOULD that does not hold in *edition*, the weightiest first."""
    for verdict in by_weight(run, edition, WARN):
        found = verdict.failures[0].finding
        yield f"warning: {verdict.clause.id} {verdict.clause.title} (SHOULD); {found.at}: {found.actual}"


def failing_elsewhere(run: Run, edition: str) -> Iterator[str]:
    """A line for each edition but *edition* with the clauses that fail there alone."""
    shown = {v.clause.id for v in run.verdicts_with(edition, FAIL)}
    for other in run.verdicts:
        ids = [v.clause.id for v in run.verdicts_with(other, FAIL) if v.clause.id not in shown]
        if ids:
            yield f"failing only as {other}: {', '.join(ids)} (shown in full with {option('edition')} {other})"


def _unanswered(run: Run, edition: str) -> Iterator[str]:
    unanswered = run.verdicts_with(edition, UNCLAIMED, UNTESTED)
    reasons = grouped((f"{LABELS[verdict.word]}, {verdict.reason}", verdict.clause.id) for verdict in unanswered)
    yield from (f"{reason}: {', '.join(ids)}" for reason, ids in reasons.items())


def _discoveries(run: Run, edition: str) -> Iterator[str]:
    bound = {verdict.clause.id for verdict in run.verdicts[edition]}
    for found in run.discoveries:
        clause_id = found.judged.clause_id
        if clause_id in bound:
            vector = {"id": "found-by-exploration", "title": clause_id, "request": found.fields}
            yield f"found by drawn requests ({clause_id}); a vector to keep:\n  {json.dumps(vector)}"


def _ledger(run: Run, edition: str) -> Iterator[str]:
    if run.ledger is not None:
        for day, ids in unconfirmed(run, edition):
            yield f"last confirmed by {run.ledger.host}, {day}: {', '.join(ids)}"
