"""Data files of coverage that a killed process left half written are removed before they are combined."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from drop_broken_coverage import main

PAGE = 4096


def data_file(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as database:
        database.execute("create table coverage_schema (version integer)")
        database.execute("create table line_bits (numbits blob)")
        database.executemany("insert into line_bits values (?)", [[b"x" * PAGE]] * 20)
        database.commit()
    return file


def test_half_written_files_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = data_file(tmp_path / ".coverage.whole")
    written = whole.read_bytes()
    half = len(written) // 2
    (tmp_path / ".coverage.empty").touch()
    (tmp_path / ".coverage.cut").write_bytes(written[:half])
    (tmp_path / ".coverage.pages").write_bytes(written[:half] + b"\x05" * half)
    (tmp_path / ".coverage.other").write_text("text")
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / ".coverage"))
    main()
    assert list(tmp_path.iterdir()) == [whole]
    assert capsys.readouterr().out.startswith("4 of 5 data files")
