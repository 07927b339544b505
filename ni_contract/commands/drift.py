"""`ni-contract drift OLD NEW`: the changes between two recordings or reports."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from ni_contract.commands.options import add_report, named
from ni_contract.exchanges.finding import shorten
from ni_contract.exchanges.redaction import Redactor
from ni_contract.files import refuse_same_files
from ni_contract.printable import printable
from ni_contract.report.drift_report import DRIFT_FORMATS, drift_document, side_text
from ni_contract.report.layout import print_lines
from ni_contract.report.words import grouped, only_if, plural
from ni_contract.report.write import check_report_files, write_reports
from ni_contract.runs.drift.changes import Change, changes_between, unpaired
from ni_contract.runs.drift.sides import Side, read_side

EXIT_CHANGED = 1
_MAX_SHOWN = 3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="a recording (HAR, …) or a JSON report")
    parser.add_argument("new", metavar="NEW", help="the later one")
    add_report(parser, f"write what changed; {', '.join(DRIFT_FORMATS)}; may be repeated")


def run(args: argparse.Namespace) -> int:
    """Prints the changes; returns 0 for none, else 1. Raises UsageError."""
    check_report_files(args.report, DRIFT_FORMATS)
    refuse_same_files(named("--report", *args.report), [("OLD", args.old), ("NEW", args.new)])
    old, new = read_side(args.old), read_side(args.new)
    changes = changes_between(old, new)
    document = drift_document(old, new, changes, args.command_line)
    write_reports(args.report, lambda name: DRIFT_FORMATS[Path(name).suffix.lower()](document))
    # The account of a recording is not known, so credentials are masked by their names.
    # Masked before lines are broken: half a secret could not be found any more.
    facts = [f"{which}  {side_text(document[which])}" for which in ("old", "new")]
    print_lines(Redactor()("\n".join([*facts, *_lines(old, new, changes)])).split("\n"))
    return EXIT_CHANGED if changes else 0


def _lines(old: Side, new: Side, changes: list[Change]) -> Iterable[str]:
    for count, name in zip(unpaired(old, new), (old.name, new.name), strict=True):
        if count and old.exchanges and new.exchanges:
            yield f"note: in {name} alone: {plural(count, 'request')}, of which only the verdicts are compared"
    if (old.exchanges is None) != (new.exchanges is None):
        yield "note: one of them is a report, so that only verdicts are compared"
    for side in (old, new):
        yield from (f"note: {printable(side.name)} was not read whole: {why}" for why in side.unreadable[:_MAX_SHOWN])
    yield ""
    yield from _grouped(changes)
    yield only_if(changes, plural(len(changes), "change")) or "nothing changed"


def _grouped(changes: Iterable[Change]) -> Iterable[str]:
    """One line for each change; where one place has many texts, only the first few."""
    for place, found in grouped((f"{change.kind:<7} {change.place}", change) for change in changes).items():
        for change in found[:_MAX_SHOWN]:
            yield f"{place}  {shorten(change.how)}{_where(change)}"
        if len(found) > _MAX_SHOWN:
            yield f"{place}  and {len(found) - _MAX_SHOWN} more"


def _where(change: Change) -> str:
    if not change.first:
        if change.kind == "header":
            return f"  ({change.times} answers)"
        return ""
    if change.times > 1:
        return f"  ({change.times} answers, first: {change.first})"
    return f"  ({change.first})"
