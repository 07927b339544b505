"""Judges mutants of the right clients and providers: `python -m mutation [clients|providers] [--sample N] [--jobs N]`.

Survivors are listed in survivors.toml, with the reason; the exit code is 1 when a mutant survives that is not listed,
when a listed one is caught or gone, and when a right program is accused.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from mutation import judge_clients, judge_providers
from mutation.mutate import Mutant

HERE: Final = Path(__file__).parent
SIDES: Final[dict[str, ModuleType]] = {"clients": judge_clients, "providers": judge_providers}
UNSEEN: Final = ("equivalent", "silent")
RIGHT: Final = "as it is"
PROGRESS_EVERY: Final = 25  # in mutants


class Task(NamedTuple):
    """A program to be judged: its side, the file of the right program, the mutant (RIGHT: none), the source."""

    side: str
    program: str
    mutant: str
    source: str


def main(arguments: list[str] | None = None) -> int:
    """Judges, prints the scores and what survives; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sides", nargs="*", metavar="side", help="clients, providers (default: both)")
    parser.add_argument("--sample", type=int, default=0, help="judge about so many mutants of each side (default: all)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", type=Path, help="write what noticed each mutant, as JSON")
    args = parser.parse_args(arguments)
    told: dict[str, dict[str, str]] = {}
    problems = [problem for side in args.sides or SIDES for problem in _judge_side(side, args, told)]
    if args.report:
        args.report.write_text(json.dumps(told, indent=1), "utf-8")
    print(*problems, sep="\n")
    return 1 if problems else 0


def mutants_of_side(side: str) -> list[tuple[str, Mutant]]:
    """The mutants of all right programs of *side*, each with the file name of its program."""
    module = SIDES[side]
    return [(name, mutant) for name, source in module.programs().items() for mutant in module.mutants_in(name, source)]


def sampled(mutants: Sequence[tuple[str, Mutant]], size: int) -> Sequence[tuple[str, Mutant]]:
    """At most *size* of *mutants*, evenly spread and the same each time; 0: all."""
    return mutants[:: max(1, -(-len(mutants) // size)) if size else 1]


def listed() -> dict[tuple[str, str], str]:
    """The kind of each survivor that is known, by program and name of the mutant."""
    rows = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["survivor"]
    return {(row["program"], row["mutant"]): row["kind"] for row in rows}


def notice(task: Task) -> str:
    """The name of the check that finds the fault, "" where none does."""
    return str(SIDES[task.side].noticed(task.program, task.source))


def _judge_side(side: str, args: argparse.Namespace, told: dict[str, dict[str, str]]) -> list[str]:
    """Prints the score of *side*; returns what is wrong with it, in words."""
    right = [Task(side, name, RIGHT, source) for name, source in SIDES[side].programs().items()]
    chosen = sampled(mutants_of_side(side), args.sample)
    tasks = [*right, *(Task(side, name, mutant.name, mutant.source) for name, mutant in chosen)]
    with multiprocessing.get_context("fork").Pool(args.jobs) as pool:
        found = {}
        for task, words in zip(tasks, pool.imap(notice, tasks, chunksize=1), strict=True):
            found[task[:3]] = words
            if len(found) % PROGRESS_EVERY == 0:
                print(f"{side}: {len(found)} of {len(tasks)} judged", file=sys.stderr, flush=True)
    for task in tasks:
        told.setdefault(task.program, {})[task.mutant] = found[task[:3]]
    return score(side, {key[1:]: words for key, words in found.items()}, listed())


def score(side: str, found: dict[tuple[str, str], str], known: dict[tuple[str, str], str]) -> list[str]:
    """Prints how many mutants of *side* are caught; returns what is wrong: unlisted survivors, stale entries."""
    accused = [f"accused, though right: {key[0]}: {words}" for key, words in found.items() if key[1] == RIGHT and words]
    mutants = {key: words for key, words in found.items() if key[1] != RIGHT}
    started = {key: words for key, words in mutants.items() if words != judge_providers.DOES_NOT_START}
    survivors = [key for key, words in started.items() if not words]
    unseen = sum(known.get(key) in UNSEEN for key in survivors)
    seen, caught = len(started) - unseen, len(started) - len(survivors)
    print(f"{side}: {len(mutants)} mutants, {len(started)} start, {seen} can be seen, {caught} of these caught")
    new = [f"survived: {program}: {mutant}" for program, mutant in survivors if (program, mutant) not in known]
    stale = [f"listed, but caught: {': '.join(key)}" for key in known if mutants.get(key)]
    return accused + new + stale


if __name__ == "__main__":
    sys.exit(main())
