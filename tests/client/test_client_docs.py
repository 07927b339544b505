"""Every example of docs/client.md works."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import ni_contract.client
from ni_contract.cli import main
from ni_contract.simulator import RunningSimulator

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ ni-contract (lookup .*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("example", "printed"),
    list(zip(EXAMPLES, ["United Kingdom 07700 900000\n", "['GB', 'US']\n"], strict=True)),
    ids=["sync", "async"],
)
def test_an_example_runs_as_it_stands(example: str, printed: str) -> None:
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (printed, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(
    command: str, capsys: pytest.CaptureFixture[str], simulators: dict[str, RunningSimulator]
) -> None:
    words = shlex.split(command.replace("http://127.0.0.1:8080", simulators["documented"].url), comments=True)
    assert main(words) == 0
    assert "01632 960960" in capsys.readouterr().out


def test_there_are_commands_to_run() -> None:
    assert len(COMMANDS) == 2


@pytest.mark.parametrize("name", ni_contract.client.__all__)
def test_every_public_name_is_explained(name: str) -> None:
    assert f"`{name}" in PAGE or name in EXAMPLES[0] + EXAMPLES[1] or name in ("LookupResult", "DocumentedRefusal")
