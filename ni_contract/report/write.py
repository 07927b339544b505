"""Writes report files; the ending of the name chooses the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from ni_contract.errors import UsageError
from ni_contract.report.as_json import json_report
from ni_contract.report.as_junit import junit_report
from ni_contract.report.as_markdown import markdown_report
from ni_contract.report.html.report import html_report
from ni_contract.runs.run import Run

FORMATS: dict[str, Callable[[Run, str], str]] = {
    ".json": json_report,
    ".md": markdown_report,
    ".html": html_report,
    ".xml": junit_report,
}
_MAX_NAME_LENGTH = 255


def check_report_files(files: Iterable[str]) -> None:
    """Raises UsageError for a file whose ending is no format, or that cannot be written there."""
    for name in files:
        path = Path(name)
        if len(os.fsencode(path.name)) > _MAX_NAME_LENGTH:
            raise UsageError(f"--report {name}: the name is too long")
        if path.suffix.lower() not in FORMATS:
            raise UsageError(f"--report {name}: the ending chooses the format; use one of {', '.join(FORMATS)}")
        if not path.parent.is_dir():
            raise UsageError(f"--report {name}: the folder {path.parent} does not exist")
        if path.is_dir():
            raise UsageError(f"--report {name}: that is a folder; give the name of a file")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UsageError(f"--report {name}: cannot be written: no permission")


def report_text(run: Run, edition: str, name: str) -> str:
    """The report in the format that the ending of the file *name* chooses."""
    return FORMATS[Path(name).suffix.lower()](run, edition)


def write_reports(run: Run, edition: str, files: Iterable[str]) -> None:
    """Writes each of *files*. Raises UsageError when one cannot be written."""
    for name in files:
        try:
            Path(name).write_text(report_text(run, edition, name), "utf-8", "backslashreplace")
        except OSError as error:
            raise UsageError(f"--report {name}: cannot be written: {error.strerror}") from None
