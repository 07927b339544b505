"""The report on a terminal or in a log: the table by area, the failures, both editions' results, the cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from ni_contract.judge.verdicts import DEVIATES, FAIL, PASS, STALE, UNCLAIMED, UNTESTED, WARN, Verdict
from ni_contract.report.failure import failure_text, follows_text
from ni_contract.report.provenance_rows import provenance_rows
from ni_contract.runs.run import Run, Traffic

AREAS = {
    "REQ": "how a request may arrive",
    "AUT": "credentials",
    "NUM": "numbers and countries",
    "RES": "answers",
    "ERR": "refusals",
    "XML": "XML",
    "REL": "several exchanges",
    "CLI": "clients",
    "SEC": "secrets in recordings",
}
_NOT_OF_TERMINAL = ("time", "command")
WORDS = (PASS, FAIL, WARN, STALE, DEVIATES, UNCLAIMED, UNTESTED)


def terminal_report(run: Run, edition: str) -> str:
    """The whole report as text; the failures shown in full are those of *edition*, which decides."""
    parts = [
        f"{run.target}",
        *_table(run),
        *_exercised(run),
        *_failures(run, edition),
        *_other_edition(run, edition),
        *_lists(run, edition),
        *_discoveries(run),
        *(f"note: {note}" for note in run.notes),
        *_ledger(run, edition),
        *_results(run, edition),
    ]
    return run.account.redactor()("\n".join(parts))


def area(clause_id: str) -> str:
    """The AREA of NIB-AREA-NNN."""
    return clause_id.split("-")[1]


def _table(run: Run) -> Iterable[str]:
    editions = list(run.verdicts)
    yield ""
    yield f"{'':<32}" + "".join(f"{edition:<36}" for edition in editions).rstrip()
    areas = {area(v.clause.id) for verdicts in run.verdicts.values() for v in verdicts}
    for name, words in AREAS.items():
        if name in areas:
            cells = [_counts(v for v in run.verdicts[edition] if area(v.clause.id) == name) for edition in editions]
            yield (f"{name}  {words:<27}" + "".join(f"{f'{cell}  ':<36}" for cell in cells)).rstrip()
    yield ""


def _exercised(run: Run) -> Iterable[str]:
    """Of recorded traffic nobody knows what it exercises until it is told."""
    if run.traffic is None:
        return
    both = {v.clause.id: v for verdicts in run.verdicts.values() for v in verdicts}
    yield f"{'clause':<13}{'exercised':>12}{'failed':>12}"
    for clause_id in sorted(both):
        if both[clause_id].evaluated:
            yield f"{clause_id:<13}{both[clause_id].evaluated:>12}{both[clause_id].failed or '-':>12}"
    yield ""


def _counts(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(v.word for v in verdicts)
    return ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word]) or "-"


def _failures(run: Run, edition: str) -> Iterable[str]:
    """A block for each root cause; a failing clause of a run that is not grouped is a cause of its own."""
    failing = {v.clause.id: v for v in run.verdicts[edition] if v.word == FAIL}
    for cause in run.causes.get(edition, ()):
        if cause.clause_id in failing:
            lines = [failure_text(run, failing.pop(cause.clause_id))]
            lines += [follows_text(failing.pop(other)) for other in cause.explains if other in failing]
            yield "\n".join(lines) + "\n"
    for verdict in failing.values():
        yield failure_text(run, verdict) + "\n"


def _other_edition(run: Run, edition: str) -> Iterable[str]:
    shown = {v.clause.id for v in run.verdicts[edition] if v.word == FAIL}
    for other, verdicts in run.verdicts.items():
        ids = [v.clause.id for v in verdicts if v.word == FAIL and v.clause.id not in shown]
        if other != edition and ids:
            yield f"failing only as {other}: {', '.join(ids)} (shown in full with --edition {other})"


def _lists(run: Run, edition: str) -> Iterable[str]:
    for word in (STALE, DEVIATES):
        for verdict in run.verdicts[edition]:
            if verdict.word == word:
                yield f"{word}: {verdict.clause.id} {verdict.clause.title}: {verdict.reason}"
    for verdict in run.verdicts[edition]:
        if verdict.word == WARN:
            found = verdict.failures[0].finding
            yield f"warning: {verdict.clause.id} {verdict.clause.title} (SHOULD): {found.at} is {found.actual}"
    yield from _unanswered(run, edition)


def _unanswered(run: Run, edition: str) -> Iterable[str]:
    reasons: dict[str, list[str]] = {}
    for verdict in run.verdicts[edition]:
        if verdict.word in (UNCLAIMED, UNTESTED):
            reasons.setdefault(f"{verdict.word}, {verdict.reason}", []).append(verdict.clause.id)
    for reason, ids in reasons.items():
        yield f"{reason}: {', '.join(ids)}"


def _discoveries(run: Run) -> Iterable[str]:
    for found in run.discoveries:
        vector = {"id": "found-by-exploration", "title": found.judged.clause_id, "request": found.fields}
        yield f"found by drawn requests ({found.judged.clause_id}); a vector to keep:\n  {json.dumps(vector)}"


def _ledger(run: Run, edition: str) -> Iterable[str]:
    """The clauses that this run did not confirm, with the day on which that happened last."""
    if run.ledger is None:
        return
    days: dict[str, list[str]] = {}
    for verdict in run.verdicts[edition]:
        if verdict.word != PASS:
            days.setdefault(run.ledger.confirmed.get(verdict.clause.id, "never"), []).append(verdict.clause.id)
    for day, ids in sorted(days.items()):
        yield f"last confirmed by {run.ledger.host}, {day}: {', '.join(ids)}"


def _results(run: Run, edition: str) -> Iterable[str]:
    yield ""
    if run.error:
        yield f"error: {run.error}"
    for name, result in run.results.items():
        decides = "  (decides)" if name == edition else ""
        yield f"{name:<11} {result}{decides}"
    yield "judged by " + ", ".join(" ".join(row) for row in provenance_rows(run) if row[0] not in _NOT_OF_TERMINAL)
    if run.traffic is None:
        yield f"{run.requests} requests, {run.seconds:.1f} s"
    else:
        yield from _traffic(run.traffic, run.seconds)


def _traffic(traffic: Traffic, seconds: float) -> Iterable[str]:
    for place, why in traffic.unreadable:
        yield f"unreadable: {place}: {why}"
    if traffic.unreadable_places > len(traffic.unreadable):
        yield f"unreadable: {traffic.unreadable_places - len(traffic.unreadable)} more places"
    for edition, count in traffic.conforming.items():
        yield f"{share(count, traffic.judged)} of the traffic conforms as {edition} ({count} of {traffic.judged})"
    yield f"{traffic.judged} exchanges in {traffic.files} files, {seconds:.1f} s"


def share(part: int, whole: int) -> str:
    """*part* of *whole* in percent; 100 and 0 only where it is all or nothing."""
    if part in (0, whole) or not whole:
        return "100 %" if part and part == whole else "0 %"
    return f"{min(max(100 * part / whole, 0.01), 99.99):.2f} %"
