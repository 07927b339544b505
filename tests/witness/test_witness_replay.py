"""`witness --replay`: the client gets the lookups and answers of a recording."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client_commands import RIGHT
from witness.conftest import Commands

from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.har_writer import HarWriter

pytestmark = pytest.mark.slow

NUMBER = "441632960960"
# A client that takes an answer that the simulator never gives for a failure.
MISTRUSTFUL = RIGHT.replace('if answer["status"] == 0', 'if answer["status"] == 0 and "seen_in_2026" not in answer')


def recording(folder: Any) -> str:
    facts = {
        "status": 0, "status_message": "Success", "request_id": "75fa272e-4743-43f1-995e-a684901222d6",
        "international_format_number": NUMBER, "national_format_number": "01632 960960", "country_code": "GB",
        "country_code_iso3": "GBR", "country_name": "United Kingdom", "country_prefix": "44", "seen_in_2026": "yes",
    }  # fmt: skip
    answer = Answer(200, (("content-type", "application/json"),), json.dumps(facts).encode())
    url = f"https://api.nexmo.com/ni/basic/json?number={NUMBER}&api_key=***&api_secret=***"
    HarWriter(folder / "live.har").add(Exchange(Request("GET", url), answer, "", 0), 0.1)
    return str(folder / "live.har")


def failing(report: dict[str, Any]) -> list[str]:
    return [clause["id"] for clause in report["editions"]["observed"]["clauses"] if clause["verdict"] == "fail"]


def test_right_client_passes_replay(commands: Commands) -> None:
    """A client that reads the recorded answer rightly passes."""
    code, report = commands.report("--replay", recording(commands.folder), "--", *commands.python())
    assert (code, failing(report)) == (0, [])


def test_recording_finds_misled_client(commands: Commands) -> None:
    """A client that only the recorded answer misleads is found by the recording alone."""
    client = commands.python(MISTRUSTFUL)
    assert commands.report("--", *client)[0] == 0
    code, report = commands.report("--replay", recording(commands.folder), "--", *client)
    assert code == 1
    assert failing(report)
    assert "seen_in_2026" in json.dumps(report)


def test_other_file_is_refused(commands: Commands) -> None:
    (commands.folder / "x.har").write_text("{}")
    code, out = commands.witness("--replay", str(commands.folder / "x.har"), "--", *commands.python())
    assert (code, "can be replayed" in out) == (2, True)
