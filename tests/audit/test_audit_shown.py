"""Output of an audit: its progress in bytes, and for each clause an exchange that keeps it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from recorded import ACCOUNT, har, jsonl, lookup

from ni_contract.runs.audit import AuditPlan, AuditRules, audit, audited_clauses, engines, input_bytes, pieces
from ni_contract.runs.run import Run

NUMBERS = ("447700900000", "441632960960", "14155550100")


@pytest.fixture
def files(tmp_path: Path) -> tuple[tuple[str, str], ...]:
    """Lines, packed lines, one document: each larger than a piece."""
    exchanges = [lookup(number, form) for number in NUMBERS for form in ("json", "xml") for _ in range(40)]
    (tmp_path / "a.jsonl").write_bytes(jsonl(exchanges))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(jsonl(exchanges[:-1])))
    (tmp_path / "c.har").write_bytes(har(exchanges))
    return tuple((str(path), path.name) for path in sorted(tmp_path.iterdir()))


def audited(files: tuple[tuple[str, str], ...], workers: int, steps: list[int]) -> Run:
    plan = AuditPlan(files, AuditRules(ACCOUNT, audited_clauses()), workers=workers)
    return audit(plan, steps.append)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_in_bytes(
    files: tuple[tuple[str, str], ...], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 20_000)
    monkeypatch.setattr(pieces, "LINES_BYTES", 20_000)
    monkeypatch.setattr(pieces, "BATCH_BYTES", 20_000)
    monkeypatch.setattr(engines, "PIECE_BYTES", 20_000)
    steps: list[int] = []
    audited(files, workers, steps)
    # The bytes after the last exchange of a document are not read for progress.
    assert input_bytes(files) * 0.97 <= sum(steps) <= input_bytes(files)
    assert len([step for step in steps if step]) > len(files)


def test_relations_have_an_example(files: tuple[tuple[str, str], ...]) -> None:
    run = audited(files, 1, [])
    shown = {clause_id for one in run.exchanges for clause_id in one.kept}
    kept = {v.clause.id for v in run.verdicts["documented"] if v.evaluated > v.failed}
    assert {"NIB-REL-001", "NIB-REL-007", "NIB-REL-008"} <= kept
    assert kept <= shown


def test_a_relation_in_one_file(tmp_path: Path) -> None:
    """A lookup that was sent again after another one is an example of NIB-REL-009."""
    again = [lookup(NUMBERS[0]), lookup(NUMBERS[1]), lookup(NUMBERS[0])]
    (tmp_path / "a.jsonl").write_bytes(jsonl(again))
    run = audited(((str(tmp_path / "a.jsonl"), "a.jsonl"),), 1, [])
    assert "NIB-REL-009" in {clause_id for one in run.exchanges for clause_id in one.kept}
