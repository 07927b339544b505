"""`ni-contract matrix REPORT…`: many targets, or one over many days, on one page."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from ni_contract.commands.options import add_report, named
from ni_contract.files import refuse_same_files
from ni_contract.report.matrix import MATRIX_FORMATS
from ni_contract.report.words import plural
from ni_contract.report.write import check_report_files, write_reports
from ni_contract.runs.matrix import Matrix, read_matrix


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports", nargs="+", metavar="REPORT", help="a file that --report FILE.json wrote, or a folder"
    )
    add_report(parser, f"write the page; {', '.join(MATRIX_FORMATS)}; may be repeated")


def run(args: argparse.Namespace) -> int:
    """Writes the pages, prints a line for each target, and returns 0. Raises UsageError."""
    check_report_files(args.report, MATRIX_FORMATS)
    refuse_same_files(named("--report", *args.report), named("the report", *args.reports))
    matrix = read_matrix(args.reports)
    write_reports(args.report, lambda name: MATRIX_FORMATS[Path(name).suffix.lower()](matrix, Path(name).parent))
    print("\n".join(_lines(matrix, args.report)))
    return 0


def _lines(matrix: Matrix, written: list[str]) -> Iterator[str]:
    for target in matrix.targets:
        results = ", ".join(f"{edition} {result}" for edition, result in target.latest.results.items())
        yield f"{target.name}  ({plural(len(target.snapshots), 'report')}, last {target.latest.day}): {results}"
        for change in target.changes():
            before, after = change.before or "absent", change.after or "absent"
            yield f"  {change.clause_id}  {change.edition:<10}  {before} -> {after}"
    yield from (f"report: {name}" for name in written)
