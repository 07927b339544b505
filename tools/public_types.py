"""`python tools/public_types.py`: fails for a public symbol of README or docs without a type in pyright."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Public names begin so; an entry with a final dot covers everything below it.
PUBLIC = (
    "ni_contract.cli.main",
    "ni_contract.client.",
    "ni_contract.recordings.read.read_recordings",
    "ni_contract.recordings.replay.load_replay",
    "ni_contract.simulator.create_app",
    "ni_contract.simulator.for_mocks.",
    "ni_contract.simulator.running.",
    "ni_contract.simulator.script.",
    "ni_contract.simulator.service.",
    "ni_contract.simulator.settings.",
    "ni_contract.suite.",
    "ni_contract.testing.",
)


def main() -> int:
    """Prints each public symbol of unknown type; the exit code is 1 if there is one."""
    command = [sys.executable, "-m", "pyright", "--verifytypes", "ni_contract", "--ignoreexternal", "--outputjson"]
    # With --verifytypes pyright ignores --pythonpath and uses the packages of the first Python on the path.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    # In another folder, or the checkout would be checked instead of the installed package.
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            command, cwd=elsewhere, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
    symbols = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    public = [symbol for symbol in symbols if symbol["name"].startswith(PUBLIC)]
    unknown = [symbol for symbol in public if symbol["isTypeAmbiguous"] or not symbol["isTypeKnown"]]
    for symbol in unknown:
        print(_told(symbol), file=sys.stderr)
    print(f"{len(public) - len(unknown)} of {len(public)} public symbols have a known type")
    return int(bool(unknown) or not public)


def _told(symbol: dict[str, Any]) -> str:
    messages = [one["message"] for one in symbol.get("diagnostics", ())]
    return f"{symbol['name']}: {' '.join(messages)}"


if __name__ == "__main__":
    raise SystemExit(main())
