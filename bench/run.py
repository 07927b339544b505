"""Measures what speed is claimed, in one run, and prints the figures beside the goals. Linux only.

    python bench/run.py [--quick] [--no-prism] [--prism-dir DIR] [--only PART]... [--json FILE]

A speed is never an assertion: the exit code is 0 unless the measuring itself failed (1), whatever the figures are.
Prism needs node and npm, and npm's registry once; see docs/bench.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import commands
import judge
import prism
import servers
from figures import Figure, MeasuringError, goals_table

PARTS = ("servers", "judge", "verify", "pytest")
_PACKAGES = ("ni-contract", "phonenumbers", "uvicorn", "httptools", "uvloop", "pytest")


@dataclass
class Results:
    """What was measured so far, and what could not be."""

    figures: list[Figure] = field(default_factory=list)
    cases: str = ""
    failures: list[str] = field(default_factory=list)


def main() -> int:
    """Measures, prints, and returns the exit code."""
    args = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, begun, load_before = Results(), time.perf_counter(), os.getloadavg()[0]
    try:
        for part in args.only or PARTS:
            _measure(part, args, results)
    except KeyboardInterrupt:
        print("interrupted; all servers are ended", file=sys.stderr)
        return 130
    _say("")
    conditions = _conditions(load_before, time.perf_counter() - begun)
    print(_report(results, conditions))
    if args.json is not None:
        args.json.write_text(json.dumps(_as_json(results, conditions), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 1 if results.failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a minute or so, and less to be relied on")
    parser.add_argument("--no-prism", action="store_true", help="leave Prism out: no node, no npm, no network")
    parser.add_argument("--prism-dir", type=Path, metavar="DIR", help="keep Prism there for the next run")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure only this part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args()


def _measure(part: str, args: argparse.Namespace, results: Results) -> None:
    """One part; if it cannot be measured, the others still are."""
    measures: dict[str, Callable[[], None]] = {
        "servers": lambda: _servers(args, results),
        "judge": lambda: results.figures.extend(judge.measure(1 if args.quick else 3, _say)),
        "verify": lambda: results.figures.extend(commands.verify(1 if args.quick else 5, _say)),
        "pytest": lambda: results.figures.extend(commands.pytest_start(7 if args.quick else 25, _say)),
    }
    try:
        measures[part]()
    except MeasuringError as error:
        results.failures.append(f"{part}: {error}")


def _servers(args: argparse.Namespace, results: Results) -> None:
    effort = servers.QUICK if args.quick else servers.Effort()
    found = servers.compare(effort, not args.no_prism, args.prism_dir, _say)
    results.figures.extend(found.figures)
    results.cases = found.cases


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
        "packages": ", ".join(f"{name} {_version(name)}" for name in _PACKAGES) + f", prism-cli {prism.VERSION}",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


def _report(results: Results, conditions: dict[str, str]) -> str:
    parts = ["\n".join(f"{name}: {value}" for name, value in conditions.items())]
    if results.figures:
        parts.append(goals_table(results.figures))
    if results.cases:
        parts.append(f"CPU time of the server per request, requests/s of wall time beside it:\n\n{results.cases}")
    parts.extend(f"NOT MEASURED: {failure}" for failure in results.failures)
    return "\n\n".join(parts)


def _as_json(results: Results, conditions: dict[str, str]) -> dict[str, object]:
    figures = [figure.as_json() for figure in results.figures]
    return {"conditions": conditions, "figures": figures, "not_measured": results.failures}


if __name__ == "__main__":
    sys.exit(main())
