"""--ni-report: written once, completely, for any number of classes and workers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from plugin.conftest import Project


def report(project: Project, name: str = "report.json") -> dict[str, Any]:
    return json.loads((project.path / name).read_text("utf-8"))


def test_one_class_keeps_report_names(project: Project) -> None:
    """One class has each report under its own name."""
    project.test_file(project.contract("our_fakes.broken"))
    flags = [f"--ni-report=report.{ending}" for ending in ("json", "md", "xml")]
    result = project.run(*flags)
    document = report(project)
    words = {clause["id"]: clause["verdict"] for clause in document["editions"]["documented"]["clauses"]}
    assert (document["result"], words[project.broken]) == ("nonconformant", "fail")
    assert "pytest 'test_fake.py::TestOurFake::test_clause[NIB-" in (project.path / "report.md").read_text("utf-8")
    assert ET.parse(project.path / "report.xml").getroot().find("testsuite").get("failures") == "1"  # noqa: S314
    result.stdout.fnmatch_lines(["report: report.json", "report: report.md", "report: report.xml"])


def test_several_classes_have_own_reports(project: Project) -> None:
    """Several classes have a report each with their names."""
    project.test_file(project.contract("our_fakes.right", name="TestRight"), project.contract("our_fakes.broken"))
    project.test_file(project.contract("our_fakes.right"), name="test_other")
    project.run("--ni-report=report.json")
    names = ["report-TestOurFake-2.json", "report-TestOurFake.json", "report-TestRight.json"]
    assert sorted(path.name for path in project.path.glob("report*")) == names
    assert [report(project, name)["result"] for name in names] == ["partial", "nonconformant", "partial"]


def test_run_in_error_has_report(project: Project) -> None:
    project.test_file(project.contract("'http://127.0.0.1:9'"))
    project.run("--ni-report=report.json", "-k", project.broken)
    assert report(project)["result"] == "error"


def test_missing_run_is_reported(project: Project) -> None:
    """Without a run there is no report, and a sentence says so."""
    project.test_file("def test_other(): pass")
    result = project.run("--ni-report=report.json")
    result.stdout.fnmatch_lines(["no report was written: *"])


def test_unwritable_report_is_usage_error(project: Project) -> None:
    (project.path / "report.json").mkdir()
    project.test_file(project.contract("our_fakes.right"))
    result = project.run("--ni-report=report.json", "-k", project.broken)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--ni-report report.json: that is a folder*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
