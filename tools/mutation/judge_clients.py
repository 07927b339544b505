"""The result of `witness` for a right client, or for a mutant of one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mutation.mutate import Mutant, mutants_of

RIGHT: Final = Path(__file__).parent / "right" / "clients"
TIMEOUT_SECONDS = "1"
MAX_SECONDS: Final = 60
NOTICED = ("fail", "warn")


def programs() -> dict[str, str]:
    """The sources of the right clients, by file name."""
    return {file.name: file.read_text("utf-8") for file in sorted(RIGHT.glob("*.py"))}


def mutants_in(_name: str, source: str) -> Iterator[Mutant]:
    """The mutants of a right client."""
    return mutants_of(source)


def noticed(_name: str, source: str) -> str:
    """The finding of `witness` on the client: a clause that it fails or warns of, or its exit code; "" for none."""
    with tempfile.TemporaryDirectory() as folder:
        client, report = Path(folder, "client.py"), Path(folder, "report.json")
        client.write_text(source, "utf-8")
        options = ["--timeout", TIMEOUT_SECONDS, "--max-time", str(MAX_SECONDS), "--report", str(report)]
        command = [sys.executable, "-m", "ni_contract", "witness", *options, "--", sys.executable, str(client)]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=2 * MAX_SECONDS)
        except subprocess.TimeoutExpired:
            return f"witness did not end within {2 * MAX_SECONDS} seconds"
        return _first_noticed(report) or (f"exit {done.returncode}" if done.returncode else "")


def _first_noticed(report: Path) -> str:
    if not report.is_file():
        return ""
    editions = json.loads(report.read_text("utf-8"))["editions"].values()
    causes = [edition["causes"][0]["clause_id"] for edition in editions if edition.get("causes")]
    words = [one["id"] for edition in editions for one in edition["clauses"] if one["verdict"] in NOTICED]
    return next(iter(causes + words), "")
