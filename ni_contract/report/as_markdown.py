"""The report as Markdown, for a pull request or a wiki."""

from collections.abc import Iterable

from ni_contract.judge.verdicts import FAIL, PASS, Verdict
from ni_contract.printable import markdown_block, markdown_text
from ni_contract.report.closing import cost_lines
from ni_contract.report.failure import failure_text
from ni_contract.report.words import only_if
from ni_contract.runs.provenance import document_rows, provenance_of
from ni_contract.runs.run import Run


def markdown_report(run: Run, edition: str) -> str:
    """The report as a Markdown document; *edition* is the one that sets the exit code."""
    lines = [f"# ni-contract: {markdown_text(run.target)}", "", *_summary(run, edition)]
    lines += ["", "| clause | level | verdict | statement |", "|---|---|---|---|"]
    lines += [_row(verdict) for verdict in run.verdicts[edition]]
    if failed := run.verdicts_with(edition, FAIL):
        lines += ["", "## Failures", *("\n" + markdown_block(failure_text(run, verdict)) for verdict in failed)]
    return run.account.redactor()("\n".join(lines) + "\n")


def _summary(run: Run, edition: str) -> Iterable[str]:
    if run.error:
        yield f"**error**: {markdown_text(run.error)}\n"
    for name, result in run.results.items():
        passed = len(run.verdicts_with(name, PASS))
        decides = only_if(name == edition, ", sets the exit code")
        yield f"- {name}: **{result}** ({passed} of {len(run.verdicts[name])} clauses pass{decides})"
    yield from (f"- {markdown_text(line)}" for line in cost_lines(run))
    yield from (f"- {name}: {markdown_text(value)}" for name, value in document_rows(provenance_of(run)))
    yield from (f"- note: {markdown_text(note)}" for note in run.notes)


def _row(verdict: Verdict) -> str:
    clause = verdict.clause
    reason = only_if(verdict.reason, f" ({markdown_text(verdict.reason)})")
    return f"| {clause.id} | {clause.level} | {verdict.word}{reason} | {markdown_text(clause.title)} |"
