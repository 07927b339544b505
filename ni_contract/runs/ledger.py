"""The ledger of a live report: for each clause, the day on which the API last confirmed it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError, option
from ni_contract.files import parse_json, read_text
from ni_contract.judge.verdicts import PASS, Verdict
from ni_contract.runs.saved_report import MAX_REPORT_BYTES


@dataclass(frozen=True, slots=True)
class Ledger:
    """*confirmed* holds the day (ISO 8601) by clause id; *host* is the name of the API's host."""

    host: str
    confirmed: Mapping[str, str] = field(default_factory=dict)


def host_of(base_url: str) -> str:
    """The host's name in *base_url*: a ledger is about one host, on any port."""
    return urlsplit(base_url).hostname or ""


def read_ledger(file: str | None, host: str) -> Ledger:
    """The ledger in the JSON report *file*; an empty one where there is no file, or none yet.

    Raises UsageError for a file that is no report of a live run, or one of another host.
    """
    if not file or not Path(file).exists():
        return Ledger(host)
    name = f"{option('ledger')} {file}"
    document = parse_json(read_text(file, name, MAX_REPORT_BYTES), name)
    if not isinstance(document, dict) or not _is_ledger()(document.get("ledger")):
        raise UsageError(f"{name}: holds no ledger; give an earlier JSON report of ni-contract live")
    found = Ledger(**document["ledger"])
    if found.host != host:
        raise UsageError(f"{name}: is of {found.host}, not of {host}; give that host's own report")
    return found


@cache
def _is_ledger() -> Callable[[Any], bool]:
    """A function that returns whether a value is the ledger of a report, as the schema of reports defines it."""
    schema = json.loads(read_spec("report.schema.json"))
    ledger = {**schema["properties"]["ledger"], "$defs": schema["$defs"]}
    return jsonschema_rs.Draft202012Validator(ledger, validate_formats=True).is_valid


def extended(ledger: Ledger, verdicts: Mapping[str, Iterable[Verdict]]) -> Ledger:
    """*ledger* with today (UTC) for every clause that passes in *verdicts* (by edition); others keep their day."""
    today = datetime.now(UTC).date().isoformat()
    passed = {verdict.clause.id for verdict in chain.from_iterable(verdicts.values()) if verdict.word == PASS}
    return Ledger(ledger.host, {**ledger.confirmed, **dict.fromkeys(sorted(passed), today)})
