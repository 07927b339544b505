"""Provenance: every report has its contract, tool and command, and older reports are still read."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from test_cli import SECRETS, run

from ni_contract.contract.spec_files import read_spec
from ni_contract.runs.drift.sides import read_side
from ni_contract.runs.ledger import read_ledger


def test_catalogue_is_named_by_digest(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "spec", "--revision")
    assert code == 0
    name, day, _, digest = out.splitlines()[0].split()
    assert name == "catalogue"
    assert f'revision = "{day}"' in read_spec("clauses.toml")
    listed = read_spec("clauses.toml").encode()
    assert digest == sha256(f"clauses.toml {len(listed)}\n".encode() + listed).hexdigest()


def test_every_format_tells_its_provenance(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    reports = [tmp_path / f"report.{ending}" for ending in ("json", "md", "html", "xml")]
    flags = [word for report in reports for word in ("--report", str(report))]
    run(capsys, "verify", "--only", "NIB-RES-004", "--explore", "3", "--seed", "7", *flags, *SECRETS)
    digests = [line.split()[-1][:12] for line in run(capsys, "spec", "--revision")[1].splitlines()]
    for report in reports:
        text = report.read_text("utf-8")
        assert [words for words in (*digests, "--seed 7", "--api-key") if words not in text] == [], report
        assert SECRETS[1] not in text


def test_first_report_schema_is_read(tmp_path: Path) -> None:
    row = {"id": "NIB-RES-004", "verdict": "pass", "exercised": 3, "failed": 0, "failures": []}
    edition = {"result": "conformant", "clauses": [row]}
    document = {
        "tool": "ni-contract",
        "format": 1,
        "editions": {"documented": edition, "observed": edition},
        "ledger": {"host": "api.example", "confirmed": {"NIB-RES-004": "2026-11-20"}},
    }
    file = tmp_path / "old.json"
    file.write_text(json.dumps(document))
    assert read_side(str(file)).words["observed"] == {"NIB-RES-004": "pass"}
    assert read_ledger(str(file), "api.example").confirmed == {"NIB-RES-004": "2026-11-20"}
