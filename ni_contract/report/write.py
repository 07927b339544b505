"""Writes report files; the suffix of the name selects the format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from ni_contract.errors import UsageError, option
from ni_contract.files import check_output, write_text
from ni_contract.report.as_json import json_report
from ni_contract.report.as_junit import junit_report
from ni_contract.report.as_markdown import markdown_report
from ni_contract.report.as_sarif import sarif_report
from ni_contract.report.badge import badge_svg, shields_json
from ni_contract.report.html.report import html_report
from ni_contract.runs.run import Run

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
