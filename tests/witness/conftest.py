"""Clients as commands, in a folder of their own: right ones, and ones with one peculiarity."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from client_commands import RIGHT
from mutants.witnessed import ANSWERED

from ni_contract.cli import main
from ni_contract.drivers.client.command_client import ClientCommand
from ni_contract.runs.witness import ClientPlan


class Commands:
    """Writes clients and runs `witness` on them, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.timeout = 60

    def python(self, source: str = RIGHT, name: str = "client.py") -> list[str]:
        (self.folder / name).write_text(source, "utf-8")
        return [sys.executable, str(self.folder / name)]

    def witness(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output, with the time-out of `commands.timeout`."""
        code = main(["witness", "--timeout", str(self.timeout), *arguments])
        shown = self._capsys.readouterr()
        assert "Traceback" not in shown.err
        assert "12ab34cd" not in shown.out + shown.err
        return code, shown.out + shown.err

    def report(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        file = self.folder / "report.json"
        code, _ = self.witness("--report", str(file), *arguments)
        return code, json.loads(file.read_text("utf-8"))


@pytest.fixture
def patient(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """For all lookups, those too whose answers never come: each is waited for."""
    commands = Commands(tmp_path, capsys)
    commands.timeout = 5
    return commands


@pytest.fixture
def commands(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """For the lookups that are answered at once."""
    monkeypatch.setattr("ni_contract.commands.witness.ClientPlan", partial(ClientPlan, cases=ANSWERED))
    return Commands(tmp_path, capsys)


@pytest.fixture
def started() -> Iterator[Callable[..., ClientCommand]]:
    """Makes clients out of commands, and ends them."""
    clients: list[ClientCommand] = []

    def start(*command: str, per_lookup: bool = False) -> ClientCommand:
        clients.append(ClientCommand(command, dict(os.environ), per_lookup))
        return clients[-1]

    yield start
    for client in clients:
        client.stop(at_once=True)
