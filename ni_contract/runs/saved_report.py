"""JSON reports of earlier runs, read again."""

from __future__ import annotations

from typing import Any, Final

from ni_contract.errors import UsageError
from ni_contract.files import parse_json, read_text

MAX_REPORT_BYTES: Final = 50_000_000


def read_report(file: str) -> dict[str, Any]:
    """The JSON report *file*, of whatever format. Raises UsageError for anything else."""
    document = parse_json(read_text(file, file, MAX_REPORT_BYTES), file)
    if not isinstance(document, dict) or document.get("tool") != "ni-contract" or "editions" not in document:
        raise UsageError(f"{file}: no report of ni-contract; give a file that --report FILE.json wrote")
    return document
