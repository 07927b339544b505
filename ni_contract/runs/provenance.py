"""The provenance of a report: the tool, the contract's data, the numbering plans, the command and the time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.spec_files import read_spec, spec_names, version_of
from ni_contract.runs.run import Run

_SHOWN_DIGITS = 12


@cache
def provenance() -> dict[str, Any]:
    """The versions by which this installation judges, as reports have them.

    The revision of a part of the contract's data is a day, as written in it; the digest is the SHA-256 of its text.
    `phonenumbers` is the version of the numbering plans.
    """
    vectors = [name for name in spec_names() if name.startswith("vectors/") and name.endswith(".json")]
    revision = json.loads(read_spec("vectors/lookups.json"))["revision"]
    return {
        "version": version_of("ni-contract"),
        "catalogue": {"revision": load_catalogue().revision, "digest": _digest(["clauses.toml"])},
        "vectors": {"revision": revision, "digest": _digest(vectors)},
        "phonenumbers": version_of("phonenumbers"),
    }


def provenance_of(run: Run) -> dict[str, Any]:
    """The provenance of *run* as in a JSON report, not yet redacted."""
    return provenance_at(run.ended.astimezone(UTC) - timedelta(seconds=run.seconds), run.command_line, run.seed)


def provenance_at(moment: datetime, command_line: str, seed: int | None = None) -> dict[str, Any]:
    """The same for what began at *moment*, in UTC."""
    time = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"time": time, "command": command_line or None, "seed": seed, **provenance()}


def document_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The rows for the member `provenance` of a JSON report, the most useful first."""
    yield "time", f"{found['time'].replace('T', ' ').removesuffix('Z')} UTC"
    if found["command"]:
        yield "command", found["command"]
    yield "tool", f"ni-contract {found['version']}"
    for name in ("catalogue", "vectors"):
        yield name, f"{found[name]['revision']}, SHA-256 {found[name]['digest'][:_SHOWN_DIGITS]}"
    yield "phonenumbers", found["phonenumbers"]
    if found["seed"] is not None:
        yield "seed", str(found["seed"])


def _digest(names: Iterable[str]) -> str:
    """The SHA-256 of the files *names* concatenated, each after its name and length."""
    found = sha256()
    for name in names:
        data = read_spec(name).encode()
        found.update(f"{name} {len(data)}\n".encode() + data)
    return found.hexdigest()
