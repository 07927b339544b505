"""Output for CI: annotations, the summary of a step, SARIF with places, badges."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from mutants.providers import PROVIDERS
from recorded import jsonl, lookup, lying
from test_cli import run
from test_reports import run_of

from ni_contract.judge.deviations import Deviation
from ni_contract.report.annotations import annotate
from ni_contract.report.badge import badge_svg, shields_json
from ni_contract.report.write import ending_of


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The summary of a step in a job of GitHub."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def log_of(folder: Path) -> Path:
    file = folder / "a log, of lies.jsonl"
    file.write_bytes(jsonl([lookup(), lying(country_code_iso3="gbr")]))
    return file


def test_a_failing_run_annotates(capsys: pytest.CaptureFixture[str], tmp_path: Path, job: Path) -> None:
    code, out, _ = run(capsys, "audit", "--workers", "1", str(log_of(tmp_path)))
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.startswith("::error")]
    assert line.startswith("::error title=NIB-RES-013 (MUST),file=")
    assert "a log%2C of lies.jsonl,line=2::" in line
    assert ": 'gbr', expected" in line
    assert "NIB-RES-013" in job.read_text("utf-8")


def test_what_is_printed_gives_no_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path, job: Path) -> None:
    _, out, _ = run(capsys, "audit", "--workers", "1", str(log_of(tmp_path)))
    stop, token = re.search(r"^(::stop-commands::(\w+))$", out, re.MULTILINE).groups()  # type: ignore[union-attr]
    assert out.index(stop) < out.index("NIB-RES-013") < out.index(f"\n::{token}::\n") < out.index("::error")


def test_elsewhere_nothing_is_annotated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    log = str(log_of(tmp_path))
    assert "::" not in run(capsys, "audit", "--workers", "1", log)[1]
    assert "::error" in run(capsys, "audit", "--workers", "1", "--annotate", log)[1]


def test_an_annotation_can_be_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, job: Path) -> None:
    out = run(capsys, "audit", "--workers", "1", "--no-annotate", str(log_of(tmp_path)))[1]
    assert "::" not in out
    assert not job.exists()


def test_warnings_and_stale_deviations_annotate(capsys: pytest.CaptureFixture[str], job: Path) -> None:
    annotate(run_of(PROVIDERS["NIB-RES-018"], (Deviation("NIB-RES-004", "of old\n::error::x"),)), "documented")
    lines = capsys.readouterr().out.splitlines()
    assert [line[: line.index(" (")] for line in lines] == ["::error title=NIB-RES-004", "::warning title=NIB-RES-018"]


def test_sarif_has_places_in_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = tmp_path / "audit.sarif"
    run(capsys, "audit", "--workers", "1", str(log_of(tmp_path)), "--report", str(report))
    document: dict[str, Any] = json.loads(report.read_text("utf-8"))
    assert document["version"] == "2.1.0"
    (result,) = [one for one in document["runs"][0]["results"] if one["level"] == "error"]
    (location,) = result["locations"]
    assert result["ruleId"] == "NIB-RES-013"
    assert location["physicalLocation"]["region"]["startLine"] == 2
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("/a%20log%2C%20of%20lies.jsonl")
    rules = {rule["id"] for rule in document["runs"][0]["tool"]["driver"]["rules"]}
    assert rules == {one["ruleId"] for one in document["runs"][0]["results"]}


def test_a_badge_says_the_result() -> None:
    failing = run_of(PROVIDERS["NIB-RES-004"])
    badge = json.loads(shields_json(failing, "documented"))
    count = len(failing.verdicts["documented"])
    assert badge["schemaVersion"] == 1
    assert badge["message"] == f"1 of {count} fail"
    picture = ET.fromstring(badge_svg(failing, "documented"))  # noqa: S314  our own
    assert picture.attrib["aria-label"].endswith(badge["message"])


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.shields.json", ".shields.json"), ("a.JSON", ".json"), ("a.svg", ".svg"), ("a.pdf", None), ("json", None)],
)
def test_the_longest_ending_counts(name: str, ending: str | None) -> None:
    assert ending_of(name) == ending
