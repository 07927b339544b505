"""Whole processes from start to end: `ni-contract verify`, and pytest with and without the plugin."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from figures import Figure, MeasuringError
from processes import Server, Spent, ni_contract, run

_NO_TESTS = 5
_PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
_WITHOUT = ["-p", "no:ni_contract"]


def verify(runs: int, say: Callable[[str], None]) -> list[Figure]:
    """`ni-contract verify` on the embedded simulator (both editions) and on a served one. Raises MeasuringError."""
    with Server("simulator", ni_contract("serve")) as server:
        targets = {"embedded simulator": ni_contract("verify"), "served simulator": ni_contract("verify", server.url)}
        spent: dict[str, list[Spent]] = {name: [] for name in targets}
        for turn in range(runs):
            say(f"verify, run {turn + 1} of {runs}")
            for name, command in targets.items():
                spent[name].append(_ended(run(command), 0, f"ni-contract verify on the {name}"))
    return [_verify_figure(name, spent[name]) for name in targets]


def _verify_figure(name: str, spent: Sequence[Spent]) -> Figure:
    walls, cpu = [one.wall for one in spent], median(one.cpu for one in spent)
    beside = f"wall, median of {len(walls)}, best {min(walls):.2f}; {cpu:.2f} s CPU"
    return Figure("verify", name, median(walls), "s", ("<=", 3.0), beside)


def pytest_start(pairs: int, say: Callable[[str], None]) -> list[Figure]:
    """The time that the plugin adds to pytest in an empty project. Raises MeasuringError."""
    if find_spec("pytest") is None:
        raise MeasuringError("pytest is not installed in this Python")
    with tempfile.TemporaryDirectory(prefix="bench-pytest-") as name:
        project = Path(name)
        # Only the plugin has this flag; without the plugin there is nothing to compare.
        _ended(run([*_PYTEST, "--ni-explore=0"], project), _NO_TESTS, "pytest with the plugin (is it installed?)")
        _ended(run([*_PYTEST, *_WITHOUT], project), _NO_TESTS, "pytest without the plugin")
        return [_pytest_figure([_pair(project, turn, pairs, say) for turn in range(pairs)])]


def _pair(project: Path, turn: int, pairs: int, say: Callable[[str], None]) -> tuple[Spent, Spent]:
    """One run with the plugin and one without, the one that comes first in turns."""
    say(f"pytest, pair {turn + 1} of {pairs}")
    commands = [_PYTEST, [*_PYTEST, *_WITHOUT]]
    spent = [_ended(run(command, project), _NO_TESTS, "pytest") for command in commands[:: -1 if turn % 2 else 1]]
    first, second = spent[:: -1 if turn % 2 else 1]
    return first, second


def _pytest_figure(pairs: Sequence[tuple[Spent, Spent]]) -> Figure:
    cpu = median(one.cpu - other.cpu for one, other in pairs) * 1e3
    wall = median(one.wall - other.wall for one, other in pairs) * 1e3
    bare = median(other.cpu for _, other in pairs) * 1e3
    beside = f"CPU, median of {len(pairs)} pairs, to {bare:.0f} ms without it; wall {wall:+.1f} ms"
    return Figure("pytest", "the plugin adds", cpu, "ms", ("<=", 10), beside)


def _ended(spent: Spent, code: int, what: str) -> Spent:
    if spent.code != code:
        raise MeasuringError(f"{what} ended with code {spent.code} instead of {code}")
    return spent
