"""Whole processes from start to end: `verify`, `witness`, and the start of pytest with one plugin or another."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from figures import NOT_INSTALLED, Figure, MeasuringError
from processes import Server, Spent, ni_contract, of_bench, run

_NO_TESTS = 5
_CLIENT = Path(__file__).parent.parent / "tools/mutation/right/clients/json_get.py"
# With plugins of the environment left out, and one named.
_PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
_ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
# An empty module in place of a plugin: for a -p, pytest looks through all packages, as it does anyway in a project.
_NOTHING = "no_plugin"
_PLUGINS = {
    "ni_contract": ("ni_contract", "ni_contract.pytest_plugin"),
    "respx": ("respx", "respx.plugin"),
    "pytest-httpx": ("pytest_httpx", "pytest_httpx"),
    "pytest-httpserver": ("pytest_httpserver", "pytest_httpserver.pytest_plugin"),
    "requests-mock": ("requests_mock", "requests_mock.contrib._pytest_plugin"),
    "aioresponses": ("aioresponses", "aioresponses"),
    "responses": ("responses", "responses"),
}


def whole(runs: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """`verify` on the embedded simulator (both editions), a served and a slow one; `witness`. Raises MeasuringError."""
    slow_command = of_bench("slow_provider")
    with Server("simulator", ni_contract("serve")) as server, Server("a provider of 50 ms", slow_command) as slow:
        commands = {
            "verify: embedded simulator": (3.0, ni_contract("verify")),
            "verify: served simulator": (3.0, ni_contract("verify", server.url)),
            "verify: a provider of 50 ms": (8.0, ni_contract("verify", slow.url)),
            "witness: a right client": (2.8, ni_contract("witness", "--", sys.executable, str(_CLIENT))),
        }
        spent: dict[str, list[Spent]] = {name: [] for name in commands}
        for turn in range(runs):
            for name, (_, command) in commands.items():
                say(f"{name}, run {turn + 1} of {runs}")
                spent[name].append(_ended(run(command), 0, name))
    for name, (limit, _) in commands.items():
        yield Figure(f"{name}, CPU", [one.cpu for one in spent[name]], "s")
        yield Figure(f"{name}, wall", [one.wall for one in spent[name]], "s", limit=("<=", limit))


def pytest_start(rounds: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """What each plugin adds to pytest in an empty folder. Raises MeasuringError."""
    if find_spec("pytest") is None:
        raise MeasuringError("pytest is not installed in this Python")
    here = {name: plugin for name, (module, plugin) in _PLUGINS.items() if find_spec(module)}
    commands = {"": [*_PYTEST, "-p", _NOTHING]} | {name: [*_PYTEST, "-p", plugin] for name, plugin in here.items()}
    added: dict[str, list[float]] = {name: [] for name in here}
    with tempfile.TemporaryDirectory(prefix="bench-pytest-") as folder:
        Path(folder, f"{_NOTHING}.py").touch()
        for turn in range(rounds):
            say(f"pytest, round {turn + 1} of {rounds}")
            cpu = {}
            for name, command in list(commands.items())[:: -1 if turn % 2 else 1]:
                cpu[name] = _ended(
                    run(command, Path(folder), _ALONE), _NO_TESTS, f"pytest with {name or 'nothing'}"
                ).cpu
            for name in here:
                added[name].append((cpu[name] - cpu[""]) * 1e3)
    yield from _plugins(added)


def _plugins(added: dict[str, list[float]]) -> Iterator[Figure]:
    """The differences themselves stand against the limit: a ratio of two small differences says nothing."""
    ours = added["ni_contract"]
    yield Figure("pytest: what the plugin adds, CPU", ours, "ms", limit=("<=", 5.0))
    for name in _PLUGINS:
        if name in added and name != "ni_contract":
            yield Figure(f"pytest: what {name} adds, CPU", added[name], "ms")
        elif name not in added:
            yield Figure("pytest: what the plugin adds, CPU", ours, "ms", name, missing=NOT_INSTALLED)


def _ended(spent: Spent, code: int, what: str) -> Spent:
    if spent.code != code:
        raise MeasuringError(f"{what} ended with code {spent.code} instead of {code}")
    return spent
