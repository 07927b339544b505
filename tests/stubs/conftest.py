"""Tools of other languages, for `tox -e stubs`: packages of npm and Debian, servers on 127.0.0.1."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from started_servers import wait_for
from stubs.cases import NUMBERS

HERE = Path(__file__).parent
ANSWERS_WITHIN_SECONDS = 120
Make = Callable[..., Path]
Ask = Callable[..., list[dict[str, Any]]]


def node_folder() -> Path:
    """The folder of `node_modules`."""
    return Path(os.environ["NI_NODE_MODULES"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which node finds the packages."""
    (tmp_path / "node_modules").symlink_to(node_folder())
    for name in ("ask.mjs", "ask.rb"):
        shutil.copy(HERE / name, tmp_path)
    return tmp_path


@pytest.fixture
def make(folder: Path) -> Make:
    """Runs `ni-contract stubs` for the twenty numbers; returns the folder."""

    def run(name: str, *flags: str) -> Path:
        out = folder / name
        command = [sys.executable, "-m", "ni_contract", "stubs", "--as", name, "--out", str(out)]
        subprocess.run([*command, *(flags or ("--numbers", ",".join(NUMBERS)))], check=True, timeout=60)
        return out

    return run


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Sends requests by a program of another language: `ask("node", "ask.mjs", "nock", file, requests)`."""

    def run(program: str, script: str, tool: str, file: Path | str, requests: list[dict[str, Any]]) -> Any:
        done = subprocess.run(
            [needed(program), str(folder / script), tool, str(file)],
            input=json.dumps(requests),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=ANSWERS_WITHIN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def needed(program: str) -> str:
    """The path of *program*; without it, the test is skipped with the reason."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed, so that its stubs cannot be proven here")
    return found


@pytest.fixture
def start() -> Iterator[Callable[..., None]]:
    """Starts a server and waits until *url* answers; it is ended with the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def run(command: list[str], url: str, cwd: Path) -> None:
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes.append(process)
        wait_for(url, process)

    yield run
    for process in processes:
        process.kill()
        process.wait()
