"""JSON reports of earlier runs, read again."""

from collections.abc import Iterator, Mapping
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


def words_in(report: Mapping[str, Any], edition: str) -> dict[str, str]:
    """The verdicts by clause. Raises KeyError or TypeError for a report without them."""
    return {str(row["id"]): str(row["verdict"]) for row in report["editions"][edition]["clauses"]}


def changed_words(before: Mapping[str, str], after: Mapping[str, str], missing: str) -> Iterator[tuple[str, str, str]]:
    """Each clause with another verdict *after* than *before*, and both; *missing* stands for one that is not there."""
    for clause_id in sorted(after.keys() | before.keys()):
        was, now = before.get(clause_id, missing), after.get(clause_id, missing)
        if was != now:
            yield clause_id, was, now
