"""The audit of a million exchanges: is every count right, how fast is it, how much memory does it need? Linux only.

    python bench/audit.py [--kind KIND]... [--amount N] [--distinct N] [--engine local|dask]... [--workers N]...
                          [--keep FOLDER]

Writes each kind of traffic of `recordings.py`, has `ni-contract audit` judge it in a process of its own, and compares.
The exit code is 1 if a count is wrong or the reports of two runs differ, whatever the speed is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from figures import NOT_INSTALLED, Figure, MeasuringError
from processes import environment
from recordings import KINDS, write

# Exchanges a second that one core has to do: what repeats is judged once.
RATES = {"one": 40_000, "numbers": 10_000, "logins": 10_000, "busters": 10_000}


class Measured(NamedTuple):
    """One run: its report, seconds of wall and CPU time, and the highest sum of memory of all its processes in MB."""

    report: dict[str, Any]
    wall: float
    cpu: float
    memory: float


def main() -> int:
    """Measures, prints, and returns the exit code."""
    args = _arguments()
    faults = 0
    print("| kind | engine | workers | exchanges/s | wall | CPU | memory of all processes | counts |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in args.kind or KINDS:
            file = (args.keep or Path(folder)) / f"{kind}.jsonl"
            expected_file = file.with_name(file.name + ".expected.json")
            if not expected_file.exists():
                write(file, args.amount, args.distinct, kind=kind)
            faults += _compare(file, json.loads(expected_file.read_text("utf-8")), args, Path(folder))
            if not args.keep:
                file.unlink()
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--amount", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=100_000)
    parser.add_argument("--engine", action="append", choices=("local", "dask"))
    parser.add_argument("--workers", action="append", type=int)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the traffic is kept for the next run")
    return parser.parse_args()


def figures(amount: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """The audit of *amount* exchanges of each kind, on one process, on two, and on Dask. Raises MeasuringError."""
    for kind, limit in RATES.items():
        with tempfile.TemporaryDirectory(prefix="bench-audit-") as name:
            folder, file = Path(name), Path(name) / f"{kind}.jsonl"
            say(f"audit: writing traffic, {kind}")
            write(file, amount, amount, kind=kind)
            say(f"audit: {kind}")
            yield from _figures_of(kind, file, folder, limit)


def _figures_of(kind: str, file: Path, folder: Path, limit: float) -> Iterator[Figure]:
    expected = json.loads(file.with_name(file.name + ".expected.json").read_text("utf-8"))
    engines = (("local", 1), ("local", 2), *((("dask", 2),) if find_spec("distributed") else ()))
    one, two, *dask = (_measure(file, engine, workers, folder) for engine, workers in engines)
    for found in (one, two, *dask):
        if wrong := _wrong(found.report, expected):
            raise MeasuringError(f"audit of {kind}: {'; '.join(wrong)}")
    amount = expected["exchanges"]
    yield Figure(f"audit: {kind}, one core, CPU", [amount / one.cpu], "/s", limit=(">=", limit))
    yield Figure(f"audit: {kind}, one core, CPU", [amount / one.cpu], "/s", "json.loads alone", [_parse_rate(file)])
    yield Figure(
        f"audit: {kind}, two cores, wall", [amount / two.wall], "/s", "one core", [amount / one.wall], (">=", 1.7)
    )
    missing = "" if dask else NOT_INSTALLED
    rates = [amount / found.wall for found in dask]
    yield Figure(
        f"audit: {kind}, Dask, wall", rates or [0.0], "/s", "two cores", [amount / two.wall], (">=", 0.8), missing
    )
    yield Figure(f"audit: {kind}, memory, one core", [one.memory], "MB", limit=("<=", 300))
    yield Figure(f"audit: {kind}, memory, two cores", [two.memory], "MB", limit=("<=", 300))


def _parse_rate(file: Path) -> float:
    """Lines a second of a loop that only parses them."""
    lines, begun = 0, time.process_time()
    with file.open("rb") as rows:
        for row in rows:
            json.loads(row)
            lines += 1
    return lines / (time.process_time() - begun)


def _compare(file: Path, expected: dict[str, Any], args: argparse.Namespace, folder: Path) -> int:
    faults, first = 0, None
    for engine in args.engine or ["local"]:
        for workers in args.workers or [1, 2]:
            run = _measure(file, engine, workers, folder)
            wrong = _wrong(run.report, expected)
            first = first or _comparable(run.report)
            if _comparable(run.report) != first:
                wrong.append("the report differs from that of the first run")
            faults += len(wrong)
            rate = expected["exchanges"] / run.wall
            print(
                f"| {file.stem} | {engine} | {workers} | {rate:,.0f} | {run.wall:.1f} s | {run.cpu:.1f} s "
                f"| {run.memory:.0f} MB | {'; '.join(wrong) or 'exact'} |",
                flush=True,
            )
    return faults


def _measure(file: Path, engine: str, workers: int, folder: Path) -> Measured:
    report = folder / f"{engine}-{workers}.json"
    line = [sys.executable, "-m", "ni_contract", "audit", str(file), "--engine", engine, "--workers", str(workers)]
    start, before = time.perf_counter(), os.times()
    process = subprocess.Popen(
        [*line, "--report", str(report)], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    highest = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, highest), daemon=True)
    watcher.start()
    _, errors = process.communicate()
    wall, after = time.perf_counter() - start, os.times()
    if not report.exists():
        raise SystemExit(f"the audit failed: {errors.decode(errors='replace')[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(json.loads(report.read_text("utf-8")), wall, cpu, highest[0])


def _watch(process: subprocess.Popen[bytes], highest: list[float]) -> None:
    """Memory by proportional set size: what processes share counts once."""
    while process.poll() is None:
        highest[0] = max(highest[0], sum(map(_memory, _family(process.pid))))
        time.sleep(0.2)


def _family(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    family = [pid]
    for one in family:
        family.extend(child for child, parent in parents.items() if parent == one)
    return family


def _memory(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Pss:")), 0) / 1000


def _wrong(report: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The wrong counts; the clauses about secrets and the observed edition have counts of their own."""
    clauses = report["editions"]["documented"]["clauses"]
    failed = {c["id"]: c["failed"] for c in clauses if c["failed"] and not c["id"].startswith("NIB-SEC")}
    traffic = report["traffic"]
    found = [
        f"{i}: {failed.get(i, 0)}" for i in {*failed, *expected["failed"]} if failed.get(i) != expected["failed"].get(i)
    ]
    if traffic["exchanges"] != expected["exchanges"]:
        found.append(f"{traffic['exchanges']} exchanges")
    if traffic["conforming"]["documented"] != expected["conforming"]:
        found.append(f"{traffic['conforming']['documented']} conform")
    return found


def _comparable(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in ("seconds", "provenance")}


if __name__ == "__main__":
    sys.exit(main())
