"""Modules that a command does not need are not imported, because every start would pay for them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("command", ["audit", "live", "lookup", "serve", "verify", "witness"])
def test_commands_start_without_hypothesis(command: str) -> None:
    """`verify` imports it when it draws requests."""
    code = f"import sys, ni_contract.cli, ni_contract.commands.{command}; print('hypothesis' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
