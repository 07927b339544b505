"""Dask gives the same report as this process; a missing cluster gives one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recorded import jsonl, lookup, lying, refused

from ni_contract.cli import main


@pytest.fixture
def log(tmp_path: Path) -> Path:
    same = lookup("441632960960")
    kinds = [same, lying(country_prefix=44), refused(), lying(status_message="Success, again"), same, lookup()]
    (tmp_path / "log.jsonl").write_bytes(jsonl(kinds * 50) + b"broken\n")
    (tmp_path / "more.jsonl").write_bytes(jsonl([lookup(), same]))
    return tmp_path


def report(folder: Path, *args: str) -> dict[str, Any]:
    main(["audit", str(folder), "--report", str(folder.parent / "report.json"), *args])
    document: dict[str, Any] = json.loads((folder.parent / "report.json").read_text("utf-8"))
    return {name: value for name, value in document.items() if name not in ("seconds", "provenance")}


def test_the_report_is_the_same(log: Path) -> None:
    expected = report(log, "--workers", "1")
    assert expected["traffic"]["exchanges"] == 302
    assert report(log, "--engine", "dask", "--workers", "2") == expected


def test_running_scheduler_is_used(log: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        found = report(log, "--engine", "dask", "--address", cluster.scheduler_address)
    assert found == report(log, "--workers", "1")


def test_a_missing_cluster_is_one_sentence(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(log), "--engine", "dask", "--address", "nowhere"]) == 3
    assert "no Dask " in capsys.readouterr().err
