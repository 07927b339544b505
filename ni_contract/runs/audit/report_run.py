"""The `Run` of a summary: exchanges to be shown are read again, located and masked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from signal import Signals
from typing import Final

from ni_contract.contract.catalogue import EDITIONS, Clause
from ni_contract.exchanges.finding import Finding, shorten, shown
from ni_contract.exchanges.known_secrets import with_secrets_of
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation
from ni_contract.judge.clauses.status import SERVED_CLAUSES
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.deviations import deviations_for
from ni_contract.judge.verdicts import (
    NONCONFORMANT,
    UNTESTED,
    JudgedExchange,
    Tally,
    Verdict,
    apply_deviation,
    by_edition,
    results_of,
    verdict_of,
)
from ni_contract.recordings.item_lines import item_lines
from ni_contract.runs.audit.pieces import FILE_SHIFT, Inputs
from ni_contract.runs.audit.plan import AuditPlan
from ni_contract.runs.audit.relations import IDS
from ni_contract.runs.audit.summary import FirstFailure, Position, Summary
from ni_contract.runs.run import Run, Traffic
from ni_contract.runs.undocumented import without_undocumented

MAX_COPIES_NAMED: Final = 5
# The first number behind the name of a file is that of the item.
_NUMBERED: Final = re.compile(r", [a-z]+ (\d+)")


def finish(plan: AuditPlan, inputs: Inputs, summary: Summary, seconds: float) -> Run:
    kept = summary.causes.all()
    read, places = _located(plan, inputs, summary, kept)
    tally = Tally(summary.evaluated, summary.failed, _failures(plan, kept, read))
    verdicts = _verdicts(plan, summary, tally)
    error = _error(summary)
    return Run(
        target=plan.name,
        account=with_secrets_of(read.values(), plan.rules.account),
        verdicts=verdicts,
        results=_results(verdicts, summary, error),
        command="audit",
        notes=tuple(_notes(summary, inputs)),
        requests=summary.judged,
        exchanges=tuple(_examples(summary, read)),
        seconds=seconds,
        error=error,
        signal=summary.signal,
        traffic=Traffic(
            files=len(plan.files),
            judged=summary.judged,
            conforming={edition: summary.conforming[edition] for edition in EDITIONS},
            skipped=dict(sorted(summary.skipped.items())),
            unreadable=tuple((places.get(at, place.place), place.why) for at, place in summary.unreadable),
            unreadable_places=summary.unreadable_places,
        ),
    )


def _located(
    plan: AuditPlan, inputs: Inputs, summary: Summary, kept: list[FirstFailure]
) -> tuple[dict[Position, Exchange], dict[Position, str]]:
    """By position: the exchanges to be shown, each with its file and line, and the places whose lines are known."""
    failing = {one.position for one in kept}.union(one.other for one in kept if one.other is not None)
    positions = failing.union(summary.kept_at.values())
    lines = inputs.line_numbers(positions.union(at for at, _ in summary.unreadable))
    read = inputs.exchanges(positions)
    places = {at: f"{inputs.name(at >> FILE_SHIFT)}:{line}" for at, line in lines.items()}
    origins = {at: read[at].origin for at in failing & read.keys() - lines.keys()}
    for at, line in _entry_lines(origins, plan.files):
        places[at], lines[at] = f"{origins[at]} (line {line})", line
    for at, one in read.items():
        file_line = (inputs.name(at >> FILE_SHIFT), lines.get(at, 1))
        read[at] = replace(one, origin=places.get(at, one.origin), file_line=file_line)
    return read, places


def _entry_lines(places: Mapping[Position, str], files: Sequence[tuple[str, str]]) -> Iterator[tuple[Position, int]]:
    """The lines on which the entries at *places* begin, where they are known; *files* are paths with their names."""
    for number, positions in groupby(sorted(places), key=lambda position: position >> FILE_SHIFT):
        path, name = files[number]
        numbered = ((at, _NUMBERED.match(places[at].removeprefix(name))) for at in positions)
        items = {at: int(found[1]) for at, found in numbered if found}
        lines = item_lines(path, set(items.values()))
        yield from ((at, lines[item]) for at, item in items.items() if item in lines)


def _verdicts(plan: AuditPlan, summary: Summary, tally: Tally) -> dict[str, tuple[Verdict, ...]]:
    declared = deviations_for(plan.name, plan.deviations)

    def verdict(clause: Clause) -> Verdict:
        found = verdict_of(clause, tally, {})
        if found.word == UNTESTED and clause.id in summary.unjudged:
            found = replace(found, reason=summary.unjudged[clause.id])
        return apply_deviation(found, declared.get(clause.id))

    verdicts = by_edition(plan.rules.clauses, verdict)
    return without_undocumented(verdicts, summary.undocumented)


def _examples(summary: Summary, read: Mapping[Position, Exchange]) -> Iterator[JudgedExchange]:
    """The first exchange that keeps each clause, each exchange once."""
    for position in sorted(set(summary.kept_at.values()) & read.keys()):
        ids = (clause_id for clause_id, at in summary.kept_at.items() if at == position)
        yield JudgedExchange(read[position], tuple(sorted(ids)), ())


def _failures(
    plan: AuditPlan, kept: list[FirstFailure], read: Mapping[Position, Exchange]
) -> dict[str, list[Violation]]:
    """The failures to show by clause, masked."""

    failures: dict[str, list[Violation]] = {}
    for one in kept:
        exchange, other = read.get(one.position), None
        if one.other is not None:
            other = read.get(one.other)
        redact = with_secrets_of(filter(None, (exchange, other)), plan.rules.account).redactor()
        finding = one.cause
        if one.clause_id == IDS and exchange is not None:
            finding = replace(finding, actual=shown(evaluation_context(exchange, None).request_id))
        finding = Finding(finding.at, shorten(redact(finding.expected)), shorten(redact(finding.actual)))
        known = failures.setdefault(one.clause_id, [])
        # Failures that differ in their secrets alone have one cause.
        if all(violation.finding != finding for violation in known):
            if one.clause_id in SERVED_CLAUSES:
                known.append(Violation(one.clause_id, exchange, finding, control=other))
            else:
                known.append(Violation(one.clause_id, exchange, finding, other))
    return failures


def _results(verdicts: Mapping[str, tuple[Verdict, ...]], summary: Summary, error: str) -> dict[str, str]:
    """The results by edition: a fault that was found counts, whatever else could not be read."""
    results = results_of(verdicts, error)
    if summary.judged:
        results |= {edition: word for edition, word in results_of(verdicts).items() if word == NONCONFORMANT}
    return results


def _error(summary: Summary) -> str:
    if summary.judged and summary.unfinished:
        return "not everything could be read, see `unreadable`; what was read was judged"
    if summary.judged:
        return ""
    if summary.signal is not None:
        return f"interrupted ({Signals(summary.signal).name}) before anything was judged"
    others = sum(summary.skipped.values())
    if others:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(summary.skipped.items()))
        return f"nothing was judged: of {others} recorded exchanges {reasons}"
    if summary.unreadable_places:
        return "nothing could be read"
    return "there is no recorded exchange"


def _notes(summary: Summary, inputs: Inputs) -> Iterator[str]:
    for reason, count in sorted(summary.skipped.items()):
        yield f"{count} exchanges were passed over: {reason}"
    for remark, count in sorted(summary.remarks.items()):
        yield f"{count} exchanges {remark}"
    for number, first in sorted(inputs.copies.items())[:MAX_COPIES_NAMED]:
        yield f"{inputs.name(number)} is a copy of {first}, which was judged once"
    if len(inputs.copies) > MAX_COPIES_NAMED:
        yield f"{len(inputs.copies) - MAX_COPIES_NAMED} more files are copies of others, which were judged once"
    if summary.signal is not None:
        yield f"{Signals(summary.signal).name} ended the audit early: this is what was done until then"
