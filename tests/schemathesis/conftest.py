"""Runs Schemathesis over the simulator and over mutants of it. `tox -e schemathesis` runs these tests.

They are collected only where Schemathesis is installed: elsewhere `pytest tests` leaves them out, and
`pytest tests/schemathesis` ends with exit code 5, no tests ran, so that an environment that lacks it does not pass.

This folder must not get an `__init__.py`: `tests` is on the path, and the folder would hide the real package.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from schemathesis_runs import Finished, run_schemathesis


def _installed() -> bool:
    # The folder itself could be imported as a namespace package called schemathesis.
    try:
        return bool(version("schemathesis"))
    except PackageNotFoundError:
        return False


collect_ignore_glob = [] if _installed() else ["test_*.py"]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Finished]:
    """Runs Schemathesis with the ready config against a server, in a folder of its own."""

    def run_it(url: str, *options: str, config: Path | None = None, **environment: str) -> Finished:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        return run_schemathesis(folder, url, options, config, environment)

    return run_it
