"""The examples of docs/witness.md are clients that pass."""

from __future__ import annotations

import re
import shlex
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mutants.witnessed import ANSWERED
from witness.conftest import Commands

from ni_contract.runs.witness import ClientPlan

PAGE = (Path(__file__).parents[2] / "docs" / "witness.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"```(?:python|javascript|sh)\n(?:#|//) (\S+)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = [shlex.split(line) for line in re.findall(r"^\$ ni-contract witness (.*)$", PAGE, re.MULTILINE)]


def test_page_has_three_runnable_examples() -> None:
    """The page has an example in three languages and a command for each."""
    assert sorted(EXAMPLES) == sorted(command[-1] for command in COMMANDS) == ["client.mjs", "client.py", "client.sh"]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[-1])
def test_an_example_of_the_page_passes(patient: Commands, monkeypatch: pytest.MonkeyPatch, command: Any) -> None:
    """The one in shell is started for each lookup: it is asked every eighth of those that are answered at once."""
    needed = {"node": ["node"], "sh": ["sh", "curl"], "python3": []}[command[-2]]
    if missing := [name for name in needed if shutil.which(name) is None]:
        pytest.skip(f"{missing[0]} is not installed")
    if command[-2] == "sh":
        patient.timeout = 60
        # What curl's configuration must not contain as it is.
        monkeypatch.setenv("NI_API_SECRET", 'a"quoted\\secret')
        monkeypatch.setattr("ni_contract.commands.witness.ClientPlan", partial(ClientPlan, cases=ANSWERED[::8]))
    monkeypatch.chdir(patient.folder)
    (patient.folder / command[-1]).write_text(EXAMPLES[command[-1]], "utf-8")
    code, report = patient.report(*command)
    failing = [c["id"] for e in report["editions"].values() for c in e["clauses"] if c["verdict"] in ("fail", "warn")]
    assert (code, failing, report["notes"]) == (0, [], [])
