"""Judges every mutant of the right clients by `witness`: `python -m mutation.judge_clients [--sample N] [--jobs N]`.

A mutant is caught when `witness` fails it, warns of it or cannot judge it. Survivors are listed in survivors.toml, with
the reason; the exit code is 1 when one survives that is not listed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutation.mutate import Mutant, mutants_of

HERE = Path(__file__).parent
TIMEOUT_SECONDS = "1"
MAX_SECONDS = "60"
NOTICED = ("fail", "warn")
UNSEEN = ("equivalent", "silent")


def right_clients() -> dict[str, str]:
    """The sources of the right clients, by name."""
    return {file.stem: file.read_text("utf-8") for file in sorted((HERE / "right").glob("*.py"))}


def listed() -> dict[tuple[str, str], str]:
    """The kind of each listed survivor, by client and name of the mutant."""
    rows = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["survivor"]
    return {(row["client"], row["mutant"]): row["kind"] for row in rows}


def is_caught(source: str) -> bool:
    """Whether `witness` finds the client of *source* wrong."""
    with tempfile.TemporaryDirectory() as folder:
        client, report = Path(folder, "client.py"), Path(folder, "report.json")
        client.write_text(source, "utf-8")
        options = ["--timeout", TIMEOUT_SECONDS, "--max-time", MAX_SECONDS, "--report", str(report)]
        command = [sys.executable, "-m", "ni_contract", "witness", *options, "--", sys.executable, str(client)]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  our own command
        return done.returncode != 0 or _has_warning(report)


def _has_warning(report: Path) -> bool:
    editions = json.loads(report.read_text("utf-8"))["editions"].values()
    clauses = (clause for edition in editions for clause in edition["clauses"])
    return any(clause["verdict"] in NOTICED for clause in clauses)


def sampled(mutants: list[tuple[str, Mutant]], size: int) -> Iterable[tuple[str, Mutant]]:
    """At most *size* of *mutants*, evenly spread and the same each time; 0: all."""
    step = max(1, -(-len(mutants) // size)) if size else 1
    return mutants[::step]


def main(arguments: list[str] | None = None) -> int:
    """Judges the mutants, prints the score and the survivors; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="judge about so many mutants; all when not given")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(arguments)
    clients, known = right_clients(), listed()
    wrong = [name for name, source in clients.items() if is_caught(source)]
    chosen = sampled([(name, m) for name, source in clients.items() for m in mutants_of(source)], args.sample)
    with ThreadPoolExecutor(args.jobs) as pool:
        caught = pool.map(lambda one: is_caught(one[1].source), chosen)
        survivors = [(name, m.name) for (name, m), is_one in zip(chosen, caught, strict=True) if not is_one]
    return report_score(len(list(chosen)), survivors, known, wrong)


def report_score(
    judged: int, survivors: list[tuple[str, str]], known: dict[tuple[str, str], str], wrong: list[str]
) -> int:
    """Prints the score; 1 where a survivor is not listed, or a right client fails."""
    unknown = [one for one in survivors if one not in known]
    unseen = sum(known.get(one) in UNSEEN for one in survivors)
    print(f"{judged} mutants, {judged - unseen} can be seen, {judged - len(survivors)} of these caught")
    for name, mutant in unknown:
        print(f"survived: {name}: {mutant}")
    for name in wrong:
        print(f"accused, though right: {name}")
    return 1 if unknown or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
