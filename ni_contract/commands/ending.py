"""The end of a command that judges: reports written, verdicts printed, the exit code. Sections: DESIGN, exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ni_contract.interruption import EXIT_BY_SIGNAL
from ni_contract.judge.verdicts import CONFORMANT, ERROR, NONCONFORMANT, PARTIAL
from ni_contract.report.terminal import terminal_report
from ni_contract.report.write import write_reports
from ni_contract.runs.run import Run

EXIT_CODES: Final = {CONFORMANT: 0, PARTIAL: 0, NONCONFORMANT: 1, ERROR: 3}


def report_run(run: Run, edition: str, files: Iterable[str]) -> None:
    """Writes the report *files*, then prints the report: a full disk does not hide it. Raises UsageError."""
    try:
        # First, for what is to be printed may find its pipe closed.
        write_reports(run, edition, files)
    finally:
        print(terminal_report(run, edition))


def exit_code(run: Run, *editions: str) -> int:
    """The worst of *editions*; for a run that a signal ended what a shell expects: 130, 143 or 129."""
    if run.signal is not None:
        return EXIT_BY_SIGNAL + run.signal
    return max(EXIT_CODES[run.results[edition]] for edition in editions)
