"""The end of every command that judges: its report files are written, its report is printed."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import Final

from ni_contract.interruption import EXIT_BY_SIGNAL
from ni_contract.judge.verdicts import CONFORMANT, ERROR, NONCONFORMANT, PARTIAL
from ni_contract.report.annotations import annotate, commands_stopped, wants_annotations
from ni_contract.report.layout import width_of
from ni_contract.report.paint import print_report
from ni_contract.report.terminal import terminal_report
from ni_contract.report.write import write_reports
from ni_contract.runs.run import Run

EXIT_CODES: Final = {CONFORMANT: 0, PARTIAL: 0, NONCONFORMANT: 1, ERROR: 3}


def show(outcome: Run, args: argparse.Namespace) -> None:
    """Writes the report files that *args* name, then prints the report. Raises UsageError for a file."""
    outcome = replace(outcome, command_line=args.command_line, show_exchanges=args.exchanges)
    annotated = wants_annotations(args.annotate)
    try:
        # First, for what is to be printed may find its pipe closed.
        write_reports(outcome, args.edition, args.report)
    finally:
        text = terminal_report(outcome, args.edition, width_of(sys.stdout), args.report)
        with commands_stopped() if annotated else nullcontext():
            print_report(text, args.color)
        if annotated:
            annotate(outcome, args.edition)


def exit_code(run: Run, *editions: str) -> int:
    """The worst of *editions*; for a run that a signal ended what a shell expects: 130, 143 or 129."""
    if run.signal is not None:
        return EXIT_BY_SIGNAL + run.signal
    return max(EXIT_CODES[run.results[edition]] for edition in editions)
