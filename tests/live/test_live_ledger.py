"""The ledger: the day on which the API last confirmed each clause, kept from report to report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from live.conftest import Live
from live.standin import StandIn
from live.test_live_run import verdicts
from ni_contract.errors import UsageError
from ni_contract.runs.ledger import read_ledger


def ledger(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(file).read_text())["ledger"]
    return found


def backdated(file: str, day: str) -> None:
    document = json.loads(Path(file).read_text())
    document["ledger"]["confirmed"] = dict.fromkeys(document["ledger"]["confirmed"], day)
    Path(file).write_text(json.dumps(document))


def test_unconfirmed_clause_keeps_its_day(command: Live) -> None:
    """A clause that fails or is not checked keeps the day of its last confirmation."""
    arguments = ["--ledger", "report.json", "--report", "report.json"]
    with StandIn() as right:
        command("live", "--live", *right.flags, *arguments)
    first = ledger("report.json")
    assert first["host"] == "127.0.0.1"
    assert "NIB-RES-013" in first["confirmed"]
    assert "NIB-ERR-001" not in first["confirmed"]  # of the documented edition, which this stand-in is not
    backdated("report.json", "2026-11-01")
    with StandIn(lambda _m, _p, headers, body: (headers, body.replace(b"GBR", b"gbr"))) as broken:
        _, out, _ = command("live", "--live", *broken.flags, *arguments, "--budget", "10", "--edition", "observed")
    second = ledger("report.json")["confirmed"]
    assert second["NIB-RES-013"] == "2026-11-01"
    left_out = {i for i, word in verdicts("report.json")["observed"].items() if word == "untested"} & second.keys()
    assert left_out
    assert {second[clause_id] for clause_id in left_out} == {"2026-11-01"}
    assert second["NIB-RES-014"] > "2026-11-01"
    assert second.keys() == first["confirmed"].keys()
    assert "last confirmed by 127.0.0.1, 2026-11-01: " in out
    assert "last confirmed by 127.0.0.1, never: " in out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON in UTF-8"),
        ("[" * 100_000, "not JSON in UTF-8"),
        ("[]", "holds no ledger"),
        ('{"ledger": {"host": "api.nexmo.com", "confirmed": {"NIB-RES-001": "yesterday"}}}', "holds no ledger"),
        ('{"ledger": {"host": "api.nexmo.com", "confirmed": {"x": "2026-11-01"}}}', "holds no ledger"),
        ('{"ledger": {"host": "fake.example", "confirmed": {}}}', "is of fake.example, not of api.nexmo.com"),
    ],
)
def test_foreign_ledger_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """A file that is no ledger of this host is refused."""
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        read_ledger(str(file), "api.nexmo.com")


def test_first_run_has_empty_ledger(tmp_path: Path) -> None:
    found = read_ledger(str(tmp_path / "report.json"), "api.nexmo.com")
    assert (found.host, dict(found.confirmed)) == ("api.nexmo.com", {})
