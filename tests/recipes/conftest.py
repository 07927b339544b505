"""An installation as in the recipes: the wheel of this checkout, in a virtual environment; pip fetches dependencies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from recipes.steps import KEY, ROOT, SECRET, Action, plain_environment

from ni_contract.exchanges.credentials import Credentials
from ni_contract.simulator import RunningSimulator, Settings


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(words, check=True, timeout=600, env=plain_environment())
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RUNNER_TEMP of a job in which the action's step "Install ni-contract" has run."""
    folder = tmp_path_factory.mktemp("runner")
    done = Action(folder, folder).step("Install ni-contract", package=str(wheel))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def action(installed: Path, tmp_path: Path) -> Action:
    return Action(installed, tmp_path)


@pytest.fixture
def programs(installed: Path) -> Path:
    """The folder in which the installed `ni-contract` and `python` are."""
    return installed / "ni-contract-venv" / "bin"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    settings = Settings(edition="observed", credentials=Credentials(KEY, SECRET))
    with RunningSimulator(settings, tls=True) as running:
        yield running
