"""The provenance of a report as rows of a name and a value, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import Any

from ni_contract.runs.provenance import provenance
from ni_contract.runs.run import Run

SHOWN_DIGITS = 12


def provenance_of(run: Run) -> dict[str, Any]:
    """The provenance of *run* as in a JSON report, not yet redacted."""
    started = run.ended.astimezone(UTC) - timedelta(seconds=run.seconds)
    return {
        "time": started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "command": run.command_line or None,
        "seed": run.seed,
        **provenance(),
    }


def provenance_rows(run: Run) -> Iterator[tuple[str, str]]:
    """The rows for *run*, the most useful first."""
    return document_rows(provenance_of(run))


def document_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The rows for the member `provenance` of a JSON report."""
    yield "time", f"{found['time'].replace('T', ' ').removesuffix('Z')} UTC"
    if found["command"]:
        yield "command", found["command"]
    yield "tool", f"ni-contract {found['version']}"
    for name in ("catalogue", "vectors"):
        yield name, f"{found[name]['revision']}, SHA-256 {found[name]['digest'][:SHOWN_DIGITS]}"
    yield "phonenumbers", found["phonenumbers"]
    if found["seed"] is not None:
        yield "seed", str(found["seed"])
