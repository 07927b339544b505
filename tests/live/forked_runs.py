"""Starts live runs in processes of their own, quickly: `python -m live.forked_runs`, then a list in JSON a line.

For each line, a file name and flags, a child is forked, which runs `ni-contract live` and records to FILE.har and
FILE.json. The child's number is printed at once, and how it ended (as os.waitstatus_to_exitcode has it) once it has.
"""

from __future__ import annotations

import json
import os
import sys

import httpx2

import ni_contract.commands.live  # noqa: F401  what the command would import, so that no child has to
from ni_contract.cli import main
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.runs.live.planning import make_plan


def _run(file: str, *given: str) -> None:
    flags = [*given, "--record", f"{file}.har", "--report", f"{file}.json", "--edition", "observed"]
    with open(f"{file}.out", "w") as out:  # noqa: PTH123
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        code = main(["live", "--live", *flags])
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    # Computed here once, for all children.
    httpx2.Client().close()  # imports its other half
    make_plan(parse_claims(None, True), load_catalogue().select("provider"), True, None, False)
    print("ready", flush=True)
    for line in sys.stdin:
        if not (child := os.fork()):
            _run(*json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
