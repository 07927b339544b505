"""The report as Markdown, for a pull request or a wiki."""

from ni_contract.judge.verdicts import FAIL, PASS
from ni_contract.printable import markdown_block
from ni_contract.report.closing import cost_lines
from ni_contract.report.documents.page import page
from ni_contract.report.failure import failure_text
from ni_contract.runs.provenance import document_rows, provenance_of
from ni_contract.runs.run import Run


def markdown_report(run: Run, edition: str) -> str:
    """The report as a Markdown document; *edition* is the one that sets the exit code."""
    text = page(
        "report.md",
        run=run,
        edition=edition,
        PASS=PASS,
        cost_lines=cost_lines(run),
        provenance=document_rows(provenance_of(run)),
        failures=[markdown_block(failure_text(run, verdict)) for verdict in run.verdicts_with(edition, FAIL)],
    )
    return run.account.redactor()(text)
