"""The ledger of a live report: for each clause, the day on which the API last confirmed it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ni_contract.errors import UsageError, option
from ni_contract.files import parse_json, read_text
from ni_contract.judge.verdicts import PASS, Verdict
from ni_contract.runs.saved_report import MAX_REPORT_BYTES

_ID = re.compile(r"NIB-[A-Z]{3}-[0-9]{3}")


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
    found = _ledger(parse_json(read_text(file, name, MAX_REPORT_BYTES), name))
    if found is None:
        raise UsageError(f"{name}: holds no ledger; give an earlier JSON report of ni-contract live")
    if found.host != host:
        raise UsageError(f"{name}: is of {found.host}, not of {host}; give that host's own report")
    return found


def _ledger(document: Any) -> Ledger | None:
    written = document.get("ledger") if isinstance(document, dict) else None
    if not isinstance(written, dict) or not isinstance(written.get("host"), str):
        return None
    days = written.get("confirmed")
    if not isinstance(days, dict) or not all(_ID.fullmatch(i) and _is_day(day) for i, day in days.items()):
        return None
    return Ledger(written["host"], days)


def _is_day(text: Any) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def extended(ledger: Ledger, verdicts: Mapping[str, Iterable[Verdict]], today: date) -> Ledger:
    """*ledger* with *today* for every clause that passes in *verdicts* (by edition); others keep their day."""
    passed = {verdict.clause.id for verdict in chain.from_iterable(verdicts.values()) if verdict.word == PASS}
    return Ledger(ledger.host, {**ledger.confirmed, **dict.fromkeys(sorted(passed), today.isoformat())})
