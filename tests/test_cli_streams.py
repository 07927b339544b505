"""The command line as a process: its streams, their encoding, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def in_shell(command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PY": sys.executable, **more}
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
        env=environment,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    return done


def test_unencodable_character_is_escaped() -> None:
    commands = ("explain", "verify --explore 0 --only NIB-NUM-001", "verify 'm\u2026\u0142:x'")
    codes = [in_shell(f"$PY -m ni_contract {c}", PYTHONIOENCODING="ascii").returncode for c in commands]
    assert codes == [0, 0, 2]


VERIFY = "$PY -m ni_contract verify --explore 0 --only NIB-RES-004"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_closed_streams_give_exit_code(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    full = in_shell(f"{VERIFY} --report {report} >/dev/full")
    assert (full.returncode, len(full.stderr.splitlines())) == (3, 1)
    assert json.loads(report.read_text())
    for command, code in (
        (f"{VERIFY} >&- 2>&-", 0),
        ("$PY -m ni_contract spec openapi.yaml >&-", 0),
        ("$PY -m ni_contract spec openapi.yaml 2>&-", 0),
        ("$PY -m ni_contract explain >/dev/full", 3),
        ("$PY -m ni_contract verify nowhere 2>/dev/full", 2),
        ("$PY -m ni_contract verify nowhere 2>&-", 2),
    ):
        assert (command, in_shell(command).returncode) == (command, code)


def test_module_leaves_no_files(tmp_path: Path) -> None:
    """The program runs as a module, shows no progress bar in a pipe, and leaves no files in the current folder."""
    command = [sys.executable, "-m", "ni_contract", "verify", "--explore", "5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
