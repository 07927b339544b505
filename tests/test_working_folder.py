"""An application in the current folder imports lazily while it is judged; `sys.path` is then as before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ni_contract.cli import main

APP = """
def app(environ, start_response):
    from lazy_answer import answer
    start_response("200 OK", [("Content-Type", "application/json")])
    return [answer]
"""


def test_current_folder_leaves_import_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lazy_fake.py").write_text(APP)
    (tmp_path / "lazy_answer.py").write_text("""answer = b'{"status": 4, "status_message": "Invalid credentials"}'\n""")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    assert main(["verify", "lazy_fake:app", "--only", "NIB-RES-003", "--explore", "0"]) == 0
    assert "1 pass" in capsys.readouterr().out
    assert "lazy_answer" in sys.modules
    assert sys.path == before
