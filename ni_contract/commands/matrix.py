"""`ni-contract matrix REPORT…`: many targets, or one over many days, on one page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from ni_contract.errors import UsageError
from ni_contract.files import check_output, refuse_same_files, write_file
from ni_contract.report.matrix import MATRIX_FORMATS
from ni_contract.report.matrix.links import day_of
from ni_contract.report.words import plural
from ni_contract.runs.matrix import Matrix, read_matrix


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "reports", nargs="+", metavar="REPORT", help="a file that --report FILE.json wrote, or a folder"
    )
    endings = ", ".join(MATRIX_FORMATS)
    parser.add_argument(
        "--report", action="append", default=[], metavar="FILE", help=f"write the page; {endings}; may be repeated"
    )


def run(args: argparse.Namespace) -> int:
    """Writes the pages, prints a line for each target, and returns 0. Raises UsageError."""
    for name in args.report:
        check_output("--report", name)
        if Path(name).suffix.lower() not in MATRIX_FORMATS:
            raise UsageError(f"--report {name}: the ending chooses the format; use one of {', '.join(MATRIX_FORMATS)}")
    refuse_same_files([("--report", name) for name in args.report], [("the report", name) for name in args.reports])
    matrix = read_matrix(args.reports)
    for name in args.report:
        text = MATRIX_FORMATS[Path(name).suffix.lower()](matrix, Path(name).parent)
        write_file("--report", name, text.encode("utf-8", "backslashreplace"))
    print("\n".join(_lines(matrix, args.report)))
    return 0


def _lines(matrix: Matrix, written: list[str]) -> Iterator[str]:
    for target in matrix.targets:
        results = ", ".join(f"{edition} {result}" for edition, result in target.latest.results.items())
        yield f"{target.name}  ({plural(len(target.snapshots), 'report')}, last {day_of(target.latest)}): {results}"
        for change in target.changes():
            before, after = change.before or "absent", change.after or "absent"
            yield f"  {change.clause_id}  {change.edition:<10}  {before} -> {after}"
    yield from (f"report: {name}" for name in written)
