"""Measures what speed is claimed, beside its peers, in one run, and prints one table. Linux only.

    python bench/run.py [--quick] [--only PART]... [--json FILE]

A speed is never an assertion: the exit code is 0 unless the measuring itself failed (1), whatever the figures are.
Peers from npm are looked for in NI_NODE_MODULES, and one that is not installed is said so; see docs/bench.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import audit
import commands
import judge
import servers
from figures import Figure, MeasuringError, figures_table

_PACKAGES = (
    *("ni-contract", "phonenumbers", "uvicorn", "httptools", "uvloop", "jsonschema", "jsonschema-rs", "xmlschema"),
    *("lxml", "pytest", "respx", "responses", "pytest-httpx", "distributed"),
)
Say = Callable[[str], None]
# The measure of each part, with the rounds of a whole run and of a quick one.
_PARTS: dict[str, Callable[[bool, Say], Iterable[Figure]]] = {
    "servers": lambda quick, say: servers.compare(servers.QUICK if quick else servers.Effort(), say),
    "judge": lambda quick, say: judge.measure(2 if quick else 5, say),
    "audit": lambda quick, say: audit.figures(100_000 if quick else 300_000, say),
    "verify": lambda quick, say: commands.whole(1 if quick else 5, say),
    "pytest": lambda quick, say: commands.pytest_start(10 if quick else 30, say),
}


def main() -> int:
    """Measures, prints, and returns the exit code."""
    args = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun, load_before = time.perf_counter(), os.getloadavg()[0]
    figures: list[Figure] = []
    failures: list[str] = []
    try:
        for part in args.only or _PARTS:
            try:
                figures.extend(_PARTS[part](args.quick, _say))
            except MeasuringError as error:
                failures.append(f"{part}: {error}")
    except KeyboardInterrupt:
        print("interrupted; all servers are ended", file=sys.stderr)
        return 130
    _say("")
    conditions = _conditions(load_before, time.perf_counter() - begun)
    print("\n".join(f"{name}: {value}" for name, value in conditions.items()), end="\n\n")
    print(figures_table(figures))
    print("".join(f"\nNOT MEASURED: {failure}" for failure in failures), end="")
    if args.json is not None:
        found = {"conditions": conditions, "figures": [one.as_json() for one in figures], "not_measured": failures}
        args.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: three minutes, and less to be relied on")
    parser.add_argument("--only", action="append", choices=list(_PARTS), help="measure only this part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args()


def _say(what: str) -> None:
    """Progress, on one line of a terminal; nothing in a pipe."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _conditions(load_before: float, seconds: float) -> dict[str, str]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cores": str(len(os.sched_getaffinity(0))),
        "machine": f"{platform.system()} {platform.machine()}",
        "load": f"{load_before:.1f} at the start, {os.getloadavg()[0]:.1f} at the end",
        "took": f"{seconds:.0f} s",
        "packages": ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


if __name__ == "__main__":
    sys.exit(main())
