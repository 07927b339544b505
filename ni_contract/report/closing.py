"""The last lines of a report: the result of each edition, the cost, and one sentence on the next step."""

from collections.abc import Iterator, Sequence
from itertools import chain

from ni_contract.errors import option
from ni_contract.exchanges.finding import cut
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import ERROR, FAIL, PASS, STALE, WARN, Verdict
from ni_contract.printable import printable
from ni_contract.report.failure import repeat_command
from ni_contract.report.layout import paragraph, pasted, row
from ni_contract.report.words import counted, grouped, only_if, plural
from ni_contract.runs.provenance import document_rows, provenance_of
from ni_contract.runs.run import EMBEDDED_NAME, Run

MAX_NAMED, MAX_WARNINGS = 3, 10
MAX_BRIEF_CHARACTERS = 160
DECIDES = "this edition sets the exit code"


def closing(run: Run, edition: str, width: int, reports: Sequence[str] = ()) -> Iterator[str]:
    """The last lines; *reports* are the files that were written."""
    yield ""
    for name in editions_of(run, edition):
        decides = only_if(name == edition, f"  ({DECIDES})")
        yield from paragraph(f"{name:<11} {run.results[name]}{decides}", width, hanging=" " * 12)
    made_by = {name: value for name, value in document_rows(provenance_of(run)) if name not in ("time", "command")}
    tool = made_by.pop("tool")
    yield from paragraph(f"judged by {tool}, {', '.join(map(' '.join, made_by.items()))}", width, hanging="  ")
    for line in cost_lines(run):
        yield from paragraph(line, width, hanging="  ")
    yield ""
    failing = by_weight(run, edition, FAIL, STALE)
    yield from _sentence(run, edition, failing, width)
    warned = by_weight(run, edition, WARN)
    if warned and not run.error:
        sentence = f"{plural(len(warned), 'warning')}, without effect on the exit code"
        yield from _listed(sentence, warned, MAX_WARNINGS, width)
    for file in reports:
        yield from pasted("report", file, width)
    if run.results[edition] != ERROR:
        yield from _next(run, failing, width, reports)


def editions_of(run: Run, edition: str) -> list[str]:
    """The editions, the one that sets the exit code first."""
    return [edition, *(name for name in run.verdicts if name != edition)]


def by_weight(run: Run, edition: str, *words: str) -> list[Verdict]:
    """The verdicts of *edition* with one of these *words*, the most fundamental first."""
    found = {verdict.clause.id: verdict for verdict in run.verdicts_with(edition, *words)}
    causes = run.causes.get(edition, ())
    followers = chain.from_iterable(cause.explains for cause in causes)
    order = dict.fromkeys((*(cause.clause_id for cause in causes), *followers, *found))
    return [found[clause_id] for clause_id in order if clause_id in found]


def unconfirmed(run: Run, edition: str) -> list[tuple[str, list[str]]]:
    """The clauses that a live run did not confirm, by the day of their last confirmation."""
    confirmed = run.ledger.confirmed if run.ledger else {}
    ids = (verdict.clause.id for verdict in run.verdicts[edition] if verdict.word != PASS)
    return sorted(grouped((confirmed.get(clause_id, "never"), clause_id) for clause_id in ids).items())


def _sentence(run: Run, edition: str, failing: Sequence[Verdict], width: int) -> Iterator[str]:
    if run.results[edition] == ERROR:
        first, _, more = run.error.partition("\n")
        yield from paragraph(f"error: {first.removesuffix(':')}{only_if(more, ' (above)')}", width)
        return
    verdicts = run.verdicts[edition]
    if not failing:
        passed = len(run.verdicts_with(edition, PASS))
        count = f"0 of {plural(len(verdicts), 'clause')} fail: {counted((v.word for v in verdicts), PASS)}"
        if passed == len(verdicts):
            count = f"{passed} of {plural(passed, 'clause')} pass{only_if(passed == 1, 'es')}"
        yield from paragraph(f"{count} in the {edition} edition, which sets the exit code", width)
        return
    count = f"{len(failing)} of {plural(len(verdicts), 'clause')} fail{only_if(len(failing) == 1, 's')}"
    yield from _listed(f"{count} in the {edition} edition, which sets the exit code", failing, MAX_NAMED, width)


def _listed(sentence: str, verdicts: Sequence[Verdict], most: int, width: int) -> Iterator[str]:
    """The *sentence*, then the first clauses of *verdicts*, at *most* so many."""
    others = only_if(len(verdicts) > most, f"; the first {most}")
    yield from paragraph(f"{sentence}{others}:", width)
    for verdict in verdicts[:most]:
        yield from paragraph(f"{verdict.clause.id} {verdict.clause.title}", width, "  ", " " * 14)


def _next(run: Run, failing: Sequence[Verdict], width: int, reports: Sequence[str]) -> Iterator[str]:
    hint = only_if(not reports, "; --report report.html shows every failure whole")
    if failing and failing[0].word == STALE:
        yield from row("next", f"take {failing[0].clause.id} out of the file of deviations: it holds", width)
    elif failing:
        yield from row("next", f"mend {failing[0].clause.id}, then judge it again{hint}", width)
        yield from _instead(failing[0], width)
        yield from _found(run, failing[0].failures[0], width)
        yield from pasted("again", repeat_command(run, failing[0].clause, failing[0].failures[0]), width)
        yield from pasted("explained", f"ni-contract explain {failing[0].clause.id}", width)
    elif run.is_cut:
        yield from row("next", "judge it again with a longer --max-time: what is untested was not asked", width)
    elif run.is_part:
        yield from row("next", "judge all clauses again", width)
        yield from pasted("again", run.repeat(""), width)
    elif run.target == EMBEDDED_NAME:
        yield from row("next", "judge your own: ni-contract verify http://localhost:8080/ni/basic", width)


def _instead(verdict: Verdict, width: int) -> Iterator[str]:
    """What may be wrong with the command line, where the target may be right."""
    if verdict.clause.id == "NIB-AUT-001" and verdict.failed == verdict.evaluated:
        yield from row("or", "give the target's own --api-key and --api-secret: these may not be its own", width)
    if verdict.clause.id == "NIB-NUM-001":
        yield from row("or", f"name the numbers that it is meant to serve, if they are few: {option('numbers')}", width)


def _found(run: Run, judged: Violation, width: int) -> Iterator[str]:
    finding = judged.finding
    yield from row("expected", _briefly(run, f"{finding.at}: {finding.expected}"), width)
    yield from row("actual", _briefly(run, finding.actual), width)
    if judged.reported:
        yield from row("reported", _briefly(run, judged.reported), width)


def _briefly(run: Run, text: str) -> str:
    """One line of a finding, masked before it is cut: half a secret could not be found any more."""
    return cut(printable(run.account.redactor()(text)), MAX_BRIEF_CHARACTERS)


def cost_lines(run: Run) -> Iterator[str]:
    """The requests that were made, or the traffic that was read, and the time that it took."""
    traffic = run.traffic
    if traffic is None:
        yield f"{plural(run.requests, 'request')}, {run.seconds:.1f} s"
        return
    for place, why in traffic.unreadable:
        yield f"unreadable: {place}: {why}"
    if traffic.unreadable_places > len(traffic.unreadable):
        yield f"unreadable: {traffic.unreadable_places - len(traffic.unreadable)} more places"
    for edition, count in traffic.conforming.items():
        yield f"{_share(count, traffic.judged)} of the traffic conforms as {edition} ({count} of {traffic.judged})"
    yield f"{plural(traffic.judged, 'exchange')} in {plural(traffic.files, 'file')}, {run.seconds:.1f} s"


def _share(part: int, whole: int) -> str:
    """*part* of *whole* in percent, rounded; 100 and 0 only where they are exact."""
    if not part:
        return "0 %"
    if part == whole:
        return "100 %"
    return f"{min(max(100 * part / whole, 0.01), 99.99):.2f} %"
