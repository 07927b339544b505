"""The end of every command that judges: its report files are written, its report is printed."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial

from ni_contract.commands.options import named
from ni_contract.files import check_output, refuse_same_files
from ni_contract.interruption import EXIT_BY_SIGNAL
from ni_contract.judge.deviations import read_deviations
from ni_contract.report.annotations import annotate, commands_stopped, wants_annotations
from ni_contract.report.layout import width_of
from ni_contract.report.paint import print_report
from ni_contract.report.terminal import terminal_report
from ni_contract.report.write import (
    check_deviations_file,
    check_report_files,
    report_text,
    write_deviations,
    write_reports,
)
from ni_contract.runs.run import EXIT_CODES, Run


def show(outcome: Run, args: argparse.Namespace) -> None:
    """Writes the report files that *args* name, then prints the report. Raises UsageError for a file."""
    outcome = replace(
        outcome,
        command_line=args.command_line,
        show_exchanges=args.exchanges,
        is_part=bool(args.only),
        notes=(*outcome.notes, *expired(args.deviations, date.today())),
    )
    annotated = wants_annotations(args.annotate)
    try:
        # Files are written first, because stdout may be a closed pipe.
        write_reports(args.report, partial(report_text, outcome, args.edition))
        if args.write_deviations is not None:
            write_deviations(outcome, args.edition, args.write_deviations)
    finally:
        text = terminal_report(outcome, args.edition, width_of(sys.stdout), args.report)
        with commands_stopped() if annotated else nullcontext():
            print_report(text, args.color)
        if annotated:
            annotate(outcome, args.edition)


def check_files(
    args: argparse.Namespace, inputs: Iterable[str | None] = (), outputs: Iterable[tuple[str, str]] = ()
) -> None:
    """Raises UsageError, before anything is sent, for an output file that cannot be written, or is one of *inputs*.

    *inputs* are files and URLs; *outputs* are files beside the reports, each behind its flag.
    """
    check_report_files(args.report)
    check_deviations_file(args.write_deviations)
    for flag, file in outputs:
        check_output(flag, file)
    read = named("the input", *(name for name in inputs if name and "://" not in name))
    refuse_same_files([*outputs, *named("--report", *args.report)], read)


def expired(files: Iterable[str], today: date) -> Iterator[str]:
    """One sentence for each declared deviation whose date has passed."""
    for file in files:
        for one in read_deviations(file):
            if one.until is not None and one.until < today:
                yield f"{file}: the deviation of {one.clause} was declared until {one.until} and no longer counts"


def exit_code(run: Run, *editions: str) -> int:
    """The worst exit code of *editions*; for a run that a signal ended, the shell's code: 130, 143 or 129."""
    if run.signal is not None:
        return EXIT_BY_SIGNAL + run.signal
    return max(EXIT_CODES[run.results[edition]] for edition in editions)
