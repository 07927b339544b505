"""The end of every command that judges: its report files are written, its report is printed."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ni_contract.report.terminal import terminal_report
from ni_contract.report.write import write_reports
from ni_contract.runs.run import Run


def show(outcome: Run, args: argparse.Namespace) -> None:
    """Writes the report files that *args* name, then prints the report. Raises UsageError for a file."""
    outcome = replace(outcome, command_line=args.command_line, show_exchanges=args.exchanges)
    try:
        # First, for what is to be printed may find its pipe closed.
        write_reports(outcome, args.edition, args.report)
    finally:
        print(terminal_report(outcome, args.edition))
