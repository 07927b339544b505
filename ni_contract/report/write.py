"""Writes report files, whose suffix selects the format, and the file of declared deviations: today's failures."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from ni_contract.errors import UsageError, option
from ni_contract.files import check_output, write_text
from ni_contract.judge.verdicts import FAIL
from ni_contract.printable import printable
from ni_contract.report.as_json import json_report
from ni_contract.report.as_junit import junit_report
from ni_contract.report.as_markdown import markdown_report
from ni_contract.report.as_sarif import sarif_report
from ni_contract.report.badge import badge_svg, shields_json
from ni_contract.report.closing import by_weight
from ni_contract.report.documents.report import html_report
from ni_contract.report.failure import deviation_entry
from ni_contract.runs.run import Run

_DEVIATIONS = "--write-deviations"
_HEAD = """\
# What fails today. Fill in each reason, or mend the failure and take its entry out; an empty reason is refused.
# Optional for each: until = 2027-03-01 (after that day it no longer counts), target = "http://localhost:*" (a glob).
"""
FORMATS: dict[str, Callable[[Run, str], str]] = {
    ".json": json_report,
    ".md": markdown_report,
    ".html": html_report,
    ".xml": junit_report,
    ".sarif": sarif_report,
    ".svg": badge_svg,
    ".shields.json": shields_json,
}


def check_report_files(files: Iterable[str], endings: Collection[str] = FORMATS.keys()) -> None:
    """Raises UsageError for a file whose suffix is none of *endings*, or that cannot be written there."""
    for name in files:
        if ending_of(name, endings) is None:
            raise UsageError(
                f"{option('report')} {name}: the ending chooses the format; use one of {', '.join(endings)}"
            )
        check_output(option("report"), name)


def report_text(run: Run, edition: str, name: str) -> str:
    """The report in the format of the suffix of *name*."""
    return FORMATS[ending_of(name) or ""](run, edition)


def ending_of(name: str, endings: Iterable[str] = FORMATS) -> str | None:
    """The suffix of *name* that selects its format: the longest, None where none does."""
    found = [ending for ending in endings if Path(name).name.lower().endswith(ending)]
    return max(found, key=len, default=None)


def write_reports(files: Iterable[str], text: Callable[[str], str]) -> None:
    """Writes each of *files* with the *text* for its name. Raises UsageError when one cannot be written."""
    for name in files:
        write_text(option("report"), name, text(name))


def check_deviations_file(name: str | None) -> None:
    """Raises UsageError where *name* cannot be written, or exists with reasons that would be lost."""
    if name is not None and check_output(_DEVIATIONS, name).exists():
        raise UsageError(f"{_DEVIATIONS} {name}: is there already, and may hold reasons; give the name of a new file")


def write_deviations(run: Run, edition: str, name: str) -> None:
    """Writes the clauses that fail in *edition* to the new file *name*. Raises UsageError."""
    write_text(_DEVIATIONS, name, deviations_text(run, edition), is_new=True)


def deviations_text(run: Run, edition: str) -> str:
    """The text of the file: valid TOML, but refused as a file of deviations until each reason is filled in."""
    failing = (verdict.clause for verdict in by_weight(run, edition, FAIL))
    entries = (f"\n# {printable(clause.title)}\n{deviation_entry(run, clause.id)}" for clause in failing)
    return run.account.redactor()(_HEAD + "".join(entries))
