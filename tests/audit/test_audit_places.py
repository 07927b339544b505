"""Each finding of a recording names its file, its entry, and the line on which that begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audit.test_audit_rewrite import vcr, vcr_json
from recorded import har, lookup, lying

from ni_contract.cli import main
from ni_contract.exchanges.values import Exchange

EXCHANGES = [lookup(), lookup("441632960960"), lying(country_prefix=44)]
WRITERS: dict[str, Callable[[list[Exchange]], bytes]] = {"a.har": har, "t.yaml": vcr, "t.json": vcr_json}


def audited(file: Path, report: Path) -> Any:
    main(["audit", str(file), "--workers", "1", "--report", str(report)])
    return json.loads(report.read_text("utf-8"))


def line_in(document: Any) -> int:
    (one,) = [one for one in document["runs"][0]["results"] if one["ruleId"] == "NIB-RES-015"]
    line: int = one["locations"][0]["physicalLocation"]["region"]["startLine"]
    return line


@pytest.mark.parametrize("name", WRITERS)
def test_finding_names_line_of_entry(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(WRITERS[name](EXCHANGES))
    line = line_in(audited(tmp_path / name, tmp_path / "r.sarif"))
    text = capsys.readouterr().out
    assert f"3 (line {line})" in text
    lines = (tmp_path / name).read_text("utf-8").splitlines()
    assert lines[line - 1].strip(" ,") in ("{", "- request:")
    before, after = lines[: line - 1], lines[line - 1 :]
    keys = [sum("startedDateTime" in one or "status" in one for one in part) for part in (before, after)]
    assert keys[0] >= 2 * keys[1] > 0


def test_file_is_named_where_line_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that is packed has no lines, and one that is no list has only its first."""
    samples = Path(__file__).parents[1] / "recordings" / "samples"
    text = (samples / "postman.json").read_text("utf-8")
    (tmp_path / "postman.json").write_text(text.replace('country_prefix\\": \\"44\\"', 'country_prefix\\": 44'))
    document = audited(tmp_path / "postman.json", tmp_path / "r.sarif")
    assert line_in(document) == 1
    (one,) = [one for one in document["runs"][0]["results"] if one["ruleId"] == "NIB-RES-015"]
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/postman.json")
    capsys.readouterr()
