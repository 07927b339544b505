"""An account in the environment, and a stand-in for the live API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live.standin import ACCOUNT, SECRETS, StandIn
from ni_contract.cli import main

Live = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NI_API_KEY", ACCOUNT.api_key)
    monkeypatch.setenv("NI_API_SECRET", ACCOUNT.api_secret)
    monkeypatch.setenv("NI_SIGNATURE_SECRET", ACCOUNT.signature_secret)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Live:
    """Runs a command line; its exit code, output and errors. No secret may be in them, nor in any file written."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        texts = [captured.out, captured.err, *(f.read_text("utf-8") for f in tmp_path.rglob("*") if f.is_file())]
        assert not [secret for secret in SECRETS for text in texts if secret in text]
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run
