"""The file of declared deviations that `--write-deviations` makes: today's failures, each with a reason to fill in."""

from __future__ import annotations

from ni_contract.errors import UsageError
from ni_contract.files import check_output, write_text
from ni_contract.judge.verdicts import FAIL
from ni_contract.printable import printable
from ni_contract.report.closing import failing_first
from ni_contract.report.failure import deviation_entry
from ni_contract.runs.run import Run

FLAG = "--write-deviations"
_HEAD = """\
# What fails today. Fill in each reason, or mend the failure and take its entry out; an empty reason is refused.
# Optional for each: until = 2027-03-01 (after that day it no longer counts), target = "http://localhost:*" (a glob).
"""


def check_deviations_file(name: str | None) -> None:
    """Raises UsageError where *name* cannot be written, or exists with reasons that would be lost."""
    if name is not None and check_output(FLAG, name).exists():
        raise UsageError(f"{FLAG} {name}: is there already, and may hold reasons; give the name of a new file")


def write_deviations(run: Run, edition: str, name: str) -> None:
    """Writes the clauses that fail in *edition* to the new file *name*. Raises UsageError."""
    write_text(FLAG, name, deviations_text(run, edition), is_new=True)


def deviations_text(run: Run, edition: str) -> str:
    """The text of the file: valid TOML, but refused as a file of deviations until each reason is filled in."""
    failing = [verdict for verdict in failing_first(run, edition) if verdict.word == FAIL]
    entries = (
        f"\n# {printable(verdict.clause.title)}\n{deviation_entry(run, verdict.clause.id)}" for verdict in failing
    )
    return run.account.redactor()(_HEAD + "".join(entries))
