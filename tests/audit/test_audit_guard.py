"""`audit --fail-on` guards a commit; `--rewrite` never overwrites a file; endless input is bounded."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ni_contract.cli import main

LEAKY = {
    "method": "GET",
    "url": "https://api.nexmo.com/ni/basic/json?number=447700900000&api_key=abcd1234&apiSecret=Zq7pLm2XsW9k",
    "http_status": 200,
    "answer_headers": {"content-type": "application/json"},
    "answer_body": '{"status":0,"request_id":""}',
}


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.jsonl").write_text(json.dumps(LEAKY) + "\n")


def test_secrets_alone_set_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "log.jsonl", "--fail-on", "secrets"]) == 1
    out = capsys.readouterr().out
    assert "NIB-SEC-001 log.jsonl:1: parameter apiSecret" in out
    assert "ni-contract audit log.jsonl --rewrite copies" in out
    assert "Zq7pLm2XsW9k" not in out
    assert main(["audit", "log.jsonl", "--rewrite", "copies"]) == 1
    # The copy still breaks clauses about answers, which do not matter here.
    assert main(["audit", "copies/log.jsonl"]) == 1
    assert main(["audit", "copies/log.jsonl", "--fail-on", "secrets"]) == 0


def test_place_in_har_is_named_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    entry = {
        "request": {"method": "GET", "url": LEAKY["url"], "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": LEAKY["answer_body"]}},
    }
    Path("t.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    assert main(["audit", "t.har", "--fail-on", "secrets"]) == 1
    assert "NIB-SEC-001 t.har, entry 1: parameter apiSecret" in capsys.readouterr().out


def test_fail_on_needs_judged_clauses(capsys: pytest.CaptureFixture[str]) -> None:
    """Clauses in --fail-on have to be among those judged."""
    assert main(["audit", "log.jsonl", "--fail-on", "NIB-XXX-*"]) == 2
    assert main(["audit", "log.jsonl", "--fail-on", "secrets", "--only", "NIB-RES-*"]) == 2
    assert "--fail-on 'secrets' matches no clause that is judged here" in capsys.readouterr().err


def test_copies_replace_nothing_without_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("copies").mkdir()
    Path("copies/log.jsonl").write_text("mine")
    assert main(["audit", "log.jsonl", "--rewrite", "copies"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert Path("copies/log.jsonl").read_text() == "mine"
    assert main(["audit", "log.jsonl", "--rewrite", "copies", "--force"]) == 1
    assert "***" in Path("copies/log.jsonl").read_text()


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_input_is_never_overwritten(link: object) -> None:
    """An input file is never written, under any name."""
    before = Path("log.jsonl").read_bytes()
    Path("copies").mkdir()
    assert callable(link)
    link(Path("log.jsonl").absolute(), "copies/log.jsonl")
    assert main(["audit", "log.jsonl", "--rewrite", "copies", "--force"]) == 1
    assert main(["audit", "log.jsonl", "--rewrite", ".", "--force"]) == 1
    assert Path("log.jsonl").read_bytes() == Path("copies/log.jsonl").read_bytes() == before


def test_two_inputs_never_share_a_copy() -> None:
    Path("log").write_text(json.dumps({**LEAKY, "http_status": 503}) + "\n")
    main(["audit", "log", "log.jsonl", "--rewrite", "copies"])
    statuses = {json.loads(copy.read_text())["http_status"] for copy in Path("copies").iterdir()}
    assert statuses == {200, 503}


def test_reports_and_inputs_are_different_files(capsys: pytest.CaptureFixture[str]) -> None:
    os.link("log.jsonl", "report.json")
    assert main(["audit", "log.jsonl", "--report", "report.json"]) == 2
    assert "both are the same file" in capsys.readouterr().err


def test_endless_input_ends_at_the_bound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "/dev/zero", "--max-bytes", "3000000"]) == 2
    assert "/dev/zero: more than 3000000 bytes;" in capsys.readouterr().err
