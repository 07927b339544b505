"""An account in the environment, and a stand-in for the live API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live.standin import ENVIRONMENT, SECRETS, StandIn
from ni_contract.cli import main

Live = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Live:
    """Runs a command line; its exit code, output and errors. Fails for a secret in them or in a written file."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        texts = [captured.out, captured.err, *(f.read_text("utf-8") for f in tmp_path.rglob("*") if f.is_file())]
        assert not [secret for secret in SECRETS for text in texts if secret in text]
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run
