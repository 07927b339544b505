"""Endless inputs, signals, duplicate files, and answers that are not the API's."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from recorded import har, jsonl, lookup, lying
from waiting import until

from ni_contract.cli import main
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.interruption import Interrupted, interruptible
from ni_contract.runs.audit.records import ID_RECORDS, MAX_CACHED_KILOBYTES, open_records

MAX_SECONDS = 120


def report_of(folder: Path, *args: str | Path) -> dict[str, Any]:
    main(["audit", "--workers", "1", *map(str, args), "--report", str(folder / "report.json")])
    document: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return document


def failed(report: dict[str, Any]) -> set[str]:
    return {one["id"] for one in report["editions"]["documented"]["clauses"] if one["failed"]}


def answered(http_status: int, body: bytes = b"<html>") -> Exchange:
    return replace(lookup(), answer=Answer(http_status, (("Content-Type", "text/html"),), body))


@pytest.mark.parametrize("copy", ["b.jsonl", "deep/log.jsonl"])
def test_copied_file_is_judged_once(copy: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    data = jsonl([lookup(), lookup("441632960960")])
    for name in ("a.jsonl", copy):
        (folder / name).write_bytes(data)
    (folder / "other.jsonl").write_bytes(data.replace(b"4416", b"4417"))
    report = report_of(tmp_path, folder)
    assert report["traffic"]["exchanges"] == 4
    assert f"{folder / copy} is a copy of {folder}/a.jsonl, which was judged once" in report["notes"]


def test_file_named_twice_is_judged_once(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(jsonl([lookup()]))
    report = report_of(tmp_path, tmp_path / "log", tmp_path / "log")
    assert report["traffic"]["exchanges"] == 1
    assert "NIB-REL-008" not in failed(report)


def test_session_saved_twice_keeps_its_ids(tmp_path: Path) -> None:
    """An exchange that two files have is one exchange; the same id at another time is a fault."""
    first, second = lookup(sent_at=1.7e9), lookup("441632960960", sent_at=1.7e9 + 1)
    (tmp_path / "a").write_bytes(jsonl([first]))
    (tmp_path / "b.gz").write_bytes(gzip.compress(jsonl([first, second])))
    report = report_of(tmp_path, tmp_path / "a", tmp_path / "b.gz")
    assert "NIB-REL-008" not in failed(report)
    assert any(note.startswith("1 exchanges are duplicates") for note in report["notes"]), report["notes"]
    (tmp_path / "c").write_bytes(jsonl([replace(first, sent_at=1.7e9 + 2)]))
    assert "NIB-REL-008" in failed(report_of(tmp_path, tmp_path / "a", tmp_path / "c"))


def test_same_exchange_twice_in_a_file_fails(tmp_path: Path) -> None:
    """A file has each exchange once, so that an id that comes again in it is a fault."""
    (tmp_path / "log").write_bytes(jsonl([one := lookup(), one]))
    assert "NIB-REL-008" in failed(report_of(tmp_path, tmp_path / "log"))


@pytest.mark.parametrize("http_status", [429, 500, 503])
def test_a_gateway_is_no_provider(http_status: int, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(jsonl([answered(http_status), answered(http_status), lookup()]))
    report = report_of(tmp_path, tmp_path / "log")
    assert report["traffic"]["passed_over"] == {"a gateway failed (HTTP 429 or 5xx), the API said nothing": 2}
    assert report["traffic"]["exchanges"] == 1
    assert not {one for one in failed(report) if not one.startswith("NIB-SEC")}


@pytest.mark.parametrize("http_status", [401, 403, 404, 413])
def test_refusal_of_gateway_is_passed_over(http_status: int, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(jsonl([answered(http_status), lookup()]))
    report = report_of(tmp_path, tmp_path / "log")
    assert list(report["traffic"]["passed_over"].values()) == [1]
    assert "a gateway refused" in next(iter(report["traffic"]["passed_over"]))
    assert "NIB-REQ-001" not in failed(report)


def test_refusal_in_json_is_judged(tmp_path: Path) -> None:
    """A JSON body under 401 is the provider's, with a status or without one."""
    for number, body in enumerate((b'{"status": 4, "error_text": "no"}', b'{"title": "Unauthorized"}')):
        (tmp_path / f"log{number}").write_bytes(jsonl([answered(401, body)]))
        report = report_of(tmp_path, tmp_path / f"log{number}")
        assert not report["traffic"]["passed_over"]
        assert failed(report) & {"NIB-REQ-001", "NIB-STA-001", "NIB-RES-001", "NIB-RES-003"}, failed(report)


def _har_with(folder: Path, response: dict[str, Any]) -> Path:
    document = json.loads(har([lookup()]))
    document["log"]["entries"][0]["response"] = {"statusText": "", "headers": [], **response}
    (folder / "log.har").write_text(json.dumps(document))
    return folder / "log.har"


@pytest.mark.parametrize("response", [{"status": 0, "_error": "net::ERR_ABORTED"}, {"status": 0}, {"status": 304}])
def test_aborted_request_is_passed_over(response: dict[str, Any], tmp_path: Path) -> None:
    """A request that the browser aborted, or answered from its cache, says nothing about the provider."""
    report = report_of(tmp_path, _har_with(tmp_path, response))
    assert sum(report["traffic"]["passed_over"].values()) == 1
    assert "NIB-REQ-001" not in failed(report)


def test_closed_connection_is_judged(tmp_path: Path) -> None:
    """An error of the connection is the provider's, not the browser's."""
    report = report_of(tmp_path, _har_with(tmp_path, {"status": 0, "_error": "net::ERR_EMPTY_RESPONSE"}))
    assert not report["traffic"]["passed_over"]
    assert "NIB-REQ-001" in failed(report)


def test_page_instead_of_answer_fails(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(jsonl([answered(200), lookup()]))
    assert "NIB-RES-003" in failed(report_of(tmp_path, tmp_path / "log"))


def test_a_preflight_is_no_lookup(tmp_path: Path) -> None:
    asked = replace(lookup(), request=replace(lookup().request, method="OPTIONS"), answer=Answer(204))
    (tmp_path / "log").write_bytes(jsonl([asked, lookup()]))
    report = report_of(tmp_path, tmp_path / "log")
    assert report["traffic"]["passed_over"] == {"a CORS preflight, no lookup": 1}


def test_new_secrets_are_one_cause(tmp_path: Path) -> None:
    """An answer repeats the secret, a new one each time."""
    logins = []
    for number in range(40):
        secret = f"secret{number:010}"
        one = lying(status_message=f"Success for {secret}")
        logins.append(replace(one, request=replace(one.request, url=one.request.url.replace("s3cretS3cret", secret))))
    (tmp_path / "log").write_bytes(jsonl(logins))
    report = report_of(tmp_path, tmp_path / "log")
    assert "secret00" not in json.dumps(report)
    found = [
        c for c in report["editions"]["documented"]["clauses"] if c["failed"] and not c["id"].startswith("NIB-SEC")
    ]
    assert {(c["failed"], len(c["failures"])) for c in found} == {(39, 1)}


@pytest.mark.parametrize("packing", ["har", "har.gz"])
def test_large_har_shows_compared_exchanges(packing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A HAR is read once, in batches, and a compared exchange is found in a later batch."""
    monkeypatch.setattr("ni_contract.runs.audit.pieces.PIECE_BYTES", 10_000)
    monkeypatch.setattr("ni_contract.runs.audit.pieces.BATCH_BYTES", 5_000)
    exchanges = [lookup() for _ in range(60)]
    exchanges[40] = lying("447700900000", status_message="Success, again")
    data = har(exchanges)
    (tmp_path / packing).write_bytes(gzip.compress(data) if packing.endswith("gz") else data)
    report = report_of(tmp_path, tmp_path / packing)
    shown = {c["id"]: c["failures"] for c in report["editions"]["documented"]["clauses"] if c["failed"]}
    compared = [one for clause_id, found in shown.items() if clause_id.startswith("NIB-REL") for one in found]
    places = {one["exchange"]["origin"].partition(" (line ")[0] for one in compared}
    assert places <= {f"{tmp_path / packing}, entry {n}" for n in (41, 42)}
    assert all("Success" in json.dumps(one["compared_with"]) for one in compared)
    assert compared


def test_endless_pipe_ends_at_bound(tmp_path: Path) -> None:
    line = jsonl([lookup()]).decode().strip()
    writer = subprocess.Popen(["yes", line], stdout=subprocess.PIPE)
    command = [sys.executable, "-m", "ni_contract", "audit", "-", "--max-bytes", "100000"]
    try:
        found = subprocess.run(command, stdin=writer.stdout, capture_output=True, timeout=MAX_SECONDS, check=False)
    finally:
        writer.kill()
        writer.communicate()
    assert found.returncode == 2
    assert b"stdin: more than 100000 bytes" in found.stderr


def test_an_endless_device_is_no_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "/dev/zero"]) == 3
    assert "/dev/zero: it is no recording" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "workers"),
    [(signal.SIGTERM, "1"), (signal.SIGHUP, "1"), (signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGTERM, "2")],
)
def test_signal_ends_run_with_report(number: signal.Signals, workers: str, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    log = tmp_path / "log.jsonl"
    log.write_bytes(jsonl(lookup(str(447700900000 + n)) for n in range(100)) * 500)
    command: list[Any] = [sys.executable, "-m", "ni_contract", "audit", log, "--workers", workers]
    command += ["--report", "report.json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"TMPDIR": str(scratch)}, stdout=subprocess.PIPE, text=True
    )
    until(lambda: _has_open(process.pid, log))
    process.send_signal(number)
    out, _ = process.communicate(timeout=MAX_SECONDS)
    assert process.returncode == 128 + number
    assert f"{number.name} ended the audit early" in out
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["command"] == "audit"
    assert not list(scratch.iterdir())


def test_kill_leaves_no_file(tmp_path: Path) -> None:
    scratch, log = tmp_path / "scratch", tmp_path / "log.jsonl"
    scratch.mkdir()
    log.write_bytes(jsonl(lookup(str(447700900000 + n)) for n in range(100)) * 500)
    command: list[Any] = [sys.executable, "-m", "ni_contract", "audit", log, "--workers", "1"]
    process = subprocess.Popen(command, env=os.environ | {"TMPDIR": str(scratch)}, stdout=subprocess.PIPE)
    until(lambda: _has_open(process.pid, log))
    process.kill()
    process.communicate(timeout=MAX_SECONDS)
    assert not list(scratch.iterdir())


def _has_open(pid: int, path: Path) -> bool:
    """Whether the process *pid* or one of its children has *path* open."""
    try:
        process = psutil.Process(pid)
        return any(str(path) == file.path for one in (process, *process.children()) for file in one.open_files())
    except psutil.NoSuchProcess:
        return False


def test_signal_ends_a_long_statement() -> None:
    """A signal that came before or within it: what a handler raises within it would be lost."""
    with interruptible(), pytest.raises(Interrupted):
        _count_at_length()


def _count_at_length() -> None:
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT COUNT(*) FROM n"
    with open_records() as records, records.ended_by_signals():
        assert next(records.query(count)) == (200_000,)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            records.query(count)


@pytest.mark.skipif(sys.platform != "linux", reason="shows open files without a name")
def test_records_have_no_name() -> None:
    """Not even SIGKILL leaves them behind."""
    with open_records() as records:
        before = _nameless()
        records.add(ID_RECORDS, ((n, n, bytes(100_000), 0) for n in range(MAX_CACHED_KILOBYTES // 50)))
        assert len(_nameless() - before) == 1


def _nameless() -> set[str]:
    """The open files of this process that were deleted."""
    names = (os.path.realpath(file) for file in Path("/proc/self/fd").iterdir())
    return {name for name in names if name.endswith("(deleted)")}


def test_signal_ends_reading_of_pipe(tmp_path: Path) -> None:
    """The part that came before the signal is judged."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "ni_contract", "audit", "-", "--report", "report.json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"TMPDIR": str(scratch)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(jsonl([lookup()] * 3))
    process.stdin.flush()
    until(lambda: any(scratch.glob("*/input")))
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=MAX_SECONDS)
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["traffic"]["files"] == 1
    assert not list(scratch.iterdir())


def test_unwritable_records_end_with_a_sentence() -> None:
    with pytest.raises(OSError, match="temporary files cannot be written: database or disk is full"):
        _fill_disk()


def _fill_disk() -> None:
    with open_records() as records:
        next(records.query("PRAGMA max_page_count = 1"))
        records.add(ID_RECORDS, ((n, n, n, 0) for n in range(1_000)))
