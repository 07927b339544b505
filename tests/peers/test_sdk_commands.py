"""More published SDKs through `witness`: they are accused of what they do, and of nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "sdk_commands"
# None looks for the facts of a status 0 (055), and `nexmo` for node not at the Content-Type (054).
# HTTP Basic is not on the page (019). The reason for a refused certificate holds the URL of `requests`, with the secret
# (065). All are SHOULD.
WARNINGS = {
    "nexmo_2.py": {"NIB-CLI-055", "NIB-CLI-065"},
    "nexmo.js": {"NIB-CLI-054", "NIB-CLI-055"},
    "number_insights.js": {"NIB-CLI-019", "NIB-CLI-055"},
}


@pytest.mark.parametrize("file", WARNINGS)
def test_sdk_is_accused_of_true_things(file: str, tmp_path: Path) -> None:
    program = sys.executable if file.endswith(".py") else "node"
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "ni_contract", "witness", "--timeout", "10"]
    command += ["--report", str(report), "--", program, str(HERE / file)]
    environment = {**os.environ, "NODE_PATH": os.environ["NI_NODE_MODULES"]}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    clauses = json.loads(report.read_text("utf-8"))["editions"]["documented"]["clauses"]
    verdicts = {clause["id"]: clause["verdict"] for clause in clauses}
    assert {clause for clause, word in verdicts.items() if word in ("fail", "warn", "untested")} == WARNINGS[file]
    assert sum(word == "pass" for word in verdicts.values()) > 40
