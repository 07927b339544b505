"""`ni-contract audit`: its output, its findings, its exit codes, and its unchanged input."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import jsonschema_rs
import pytest
import yaml
from recorded import ACCOUNT, entry_of, har, jsonl, lookup, lying, refused

from ni_contract.cli import main
from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.recordings.entry import MAX_ENTRY_BYTES

SECRETS = (ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.basic_token(), ACCOUNT.signature_secret)


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET"):
        monkeypatch.delenv(name, raising=False)


def audit(*args: str | Path) -> int:
    return main(["audit", "--workers", "1", *map(str, args)])


def report_of(folder: Path, *args: str | Path) -> dict[str, Any]:
    audit(*args, "--report", folder / "report.json")
    document: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return document


def file(folder: Path, data: bytes, name: str = "log.jsonl") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_right_traffic_is_conformant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right traffic is conformant, as far as traffic can show it."""
    assert audit(file(tmp_path, jsonl([lookup(), refused()]))) == 0
    out = capsys.readouterr().out
    assert "documented  partial  (this edition sets the exit code)" in out
    assert "100 % of the traffic conforms as documented (2 of 2)" in out
    assert "50.00 % of the traffic conforms as observed (1 of 2)" in out


def test_wrong_fact_is_shown_with_cause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lies = [lookup(), lying(country_code_iso3="gbr"), lying(country_code_iso3=7), lying(country_code_iso3="gbr")]
    log = file(tmp_path, jsonl(lies))
    assert audit(log) == 1
    out = capsys.readouterr().out
    assert f"  place     {log}:2\n" in out
    assert "  actual    'gbr'\n" in out
    assert "  failed    3 of 4 times checked; 2 distinct failures\n" in out
    assert f"  also      {log}:3  $.country_code_iso3: 7, not a string of three letters A-Z\n" in out
    assert f"  repeat    ni-contract audit {log} --only NIB-RES-013\n" in out
    assert "NIB-RES-013             4           3\n" in out
    assert "  curl" not in out


@pytest.mark.parametrize("ending", ["json", "md", "html", "xml"])
def test_no_report_shows_a_secret(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No secret is shown, even where the answer repeats it and the account is not known."""
    basic = Request("GET", "https://api.nexmo.com/ni/basic/json?number=1", (("Authorization", f"Basic {SECRETS[2]}"),))
    echo = lying(country_name=f"Nowhere {ACCOUNT.api_secret}", carrier=ACCOUNT.api_secret)
    audit(file(tmp_path, jsonl([echo, replace(lookup(), request=basic)])), "--report", tmp_path / f"report.{ending}")
    text = (tmp_path / f"report.{ending}").read_text("utf-8") + "".join(capsys.readouterr())
    assert "NIB-SEC-005" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_the_report_follows_its_schema(tmp_path: Path) -> None:
    log = file(tmp_path, jsonl([lookup(), lying(status="0")]) + b"no json\n")
    report = report_of(tmp_path, log)
    jsonschema_rs.Draft202012Validator(json.loads(read_spec("report.schema.json"))).validate(report)
    assert report["traffic"] == {
        "files": 1,
        "exchanges": 2,
        "conforming": {"documented": 1, "observed": 1},
        "passed_over": {},
        "unreadable_places": 1,
        "unreadable": [{"place": f"{log}:3", "why": "the line is not JSON"}],
    }


def test_secrets_never_set_exit_code(tmp_path: Path) -> None:
    """Secrets in a recording are findings, but do not set the exit code."""
    report = report_of(tmp_path, file(tmp_path, jsonl([lookup()])), "--only", "NIB-SEC-*")
    words = {clause["id"]: clause["verdict"] for clause in report["editions"]["documented"]["clauses"]}
    assert words == {
        "NIB-SEC-001": "warn",
        "NIB-SEC-002": "pass",
        "NIB-SEC-003": "pass",
        "NIB-SEC-004": "warn",
        "NIB-SEC-005": "pass",
    }
    assert report["result"] == "conformant" or report["result"] == "partial"


def test_folder_with_broken_files_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = har([lookup(), lookup("441632960960"), lookup()])
    file(tmp_path, whole[: whole.rindex(b'"request"')], "cut-off.har")
    file(tmp_path, _cassette().replace(b"Kingdom", b"K\xf6nigreich"), "latin-1.yaml")
    file(tmp_path, b"", "empty.har")
    file(tmp_path, jsonl([lookup()]) + b'{"method": "GET",\n' + jsonl([lying(country_code="gb")]), "bad-line.jsonl")
    file(tmp_path, jsonl([lookup()]) + b"x" * (MAX_ENTRY_BYTES + 9) + b"\n" + jsonl([lookup()]), "long-line.jsonl")
    file(tmp_path, gzip.compress(b'{"a": "' + b"x" * 100_000_000), "bomb.gz")
    with ZipFile(tmp_path / "bomb.zip", "w") as archive:
        archive.writestr("log.jsonl", "x")
    assert audit(tmp_path) == 1
    out = capsys.readouterr().out
    for named in (
        "cut-off.har, after entry 2: it is cut off",
        "latin-1.yaml, interaction 1: it is not UTF-8: byte 0xf6",
        "empty.har: it is empty",
        "bad-line.jsonl:2: the line is not JSON",
        f"long-line.jsonl:2: the line is longer than {MAX_ENTRY_BYTES} bytes",
        "bomb.gz: it unpacks to more than 250 times its size",
        "bomb.zip/log.jsonl: it is no recording",
    ):
        assert f"unreadable: {tmp_path}/{named}" in out
    assert f"place     {tmp_path}/bad-line.jsonl:3" in out
    assert "6 exchanges in 7 files" in out


def _cassette() -> bytes:
    answer = lookup().answer
    body = {"string": answer.body.decode()}  # type: ignore[union-attr]
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": body}
    request: dict[str, Any] = {"method": "GET", "uri": lookup().request.url, "headers": {}, "body": None}
    return yaml.dump({"interactions": [{"request": request, "response": response}], "version": 1}).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing could be read"),
        (b"no recording", "nothing could be read"),
        (jsonl([Exchange(Request("GET", "https://example.com/"), lookup().answer)]), "1 not of this API"),
    ],
    ids=["empty", "no recording", "another API"],
)
def test_nothing_judged_is_an_error(data: bytes, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that judged nothing ends with an error, not with a pass."""
    assert audit(file(tmp_path, data)) == 3
    assert why in capsys.readouterr().out


def test_standard_input_is_a_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(har([lying(country_code="gb")])))))
    assert audit("-") == 1
    assert "place     stdin, entry 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["missing.har"], "missing.har: there is no such file"),
        (["-", "-"], "only once"),
        (["{log}", "--only", "NIB-CLI-099"], "matches no clause"),
        (["{log}", "--report", "report.pdf"], "the ending chooses the format"),
        (["{log}", "--rewrite", "{log}"], "cannot be written"),
    ],
)
def test_impossible_request_gives_one_sentence(
    args: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    log = file(tmp_path, jsonl([lookup()]))
    assert audit(*(arg.format(log=log) for arg in args)) == 2
    err = capsys.readouterr().err
    assert why in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("flags", [["--since", "yesterday"], ["--limit", "0"], ["--workers", "-1"], ["--engine", "x"]])
def test_bad_value_is_usage_error(flags: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        audit(file(tmp_path, jsonl([lookup()])), *flags)


def test_a_declared_deviation_excuses_a_lie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = file(tmp_path, jsonl([lying(country_code_iso3="gbr")]))
    file(tmp_path, b'[[deviation]]\nclause = "NIB-RES-013"\nreason = "until March"\n', "d.toml")
    assert audit(log, "--deviations", tmp_path / "d.toml") == 0
    assert "deviates: NIB-RES-013" in capsys.readouterr().out


def test_the_edition_chooses_whose_verdict_decides(tmp_path: Path) -> None:
    log = file(tmp_path, jsonl([refused()]))
    assert audit(log) == 0
    assert audit(log, "--edition", "observed") == 1


def test_known_credentials_are_checked(tmp_path: Path) -> None:
    log = file(tmp_path, jsonl([lookup()]))
    assert audit(log, "--only", "NIB-AUT-*", "--api-key", "other", "--api-secret", "12345678") == 1
    right = ("--api-key", ACCOUNT.api_key, "--api-secret", ACCOUNT.api_secret)
    assert audit(log, "--only", "NIB-AUT-*", *right) == 0


def test_input_stays_unchanged(tmp_path: Path) -> None:
    log = file(tmp_path, jsonl([lookup()]))
    before = (log.read_bytes(), log.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    audit(log)
    assert (log.read_bytes(), log.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_named_pipe_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe on the command line is read once; one in a folder is left alone."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(jsonl([lying(country_code="gb")])), daemon=True)
    writer.start()
    assert audit(pipe) == 1
    assert f"place     {pipe}:1" in capsys.readouterr().out
    file(tmp_path, jsonl([lookup()]))
    assert report_of(tmp_path.parent, tmp_path)["traffic"]["files"] == 1


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    """Hidden files of a folder are left out."""
    (tmp_path / "deep").mkdir()
    file(tmp_path / "deep", jsonl([lookup()]))
    file(tmp_path, b"x", ".gitignore")
    assert report_of(tmp_path.parent, tmp_path)["traffic"]["files"] == 1


def test_other_hosts_are_skipped_and_counted(tmp_path: Path) -> None:
    other = entry_of(lookup())
    other["request"]["url"] = "https://example.com/picture.png"
    log = file(tmp_path, json.dumps({"log": {"entries": [other, entry_of(lookup())]}}).encode(), "x.har")
    assert report_of(tmp_path, log)["traffic"]["passed_over"] == {"not of this API": 1}


ROOT = Path(__file__).parents[2]


def test_documented_line_is_read(tmp_path: Path) -> None:
    """The line of JSONL in the documentation is read and follows the schema."""
    page = (ROOT / "docs" / "recorded.md").read_text("utf-8")
    line = page.partition("```json\n")[2].partition("```")[0]
    jsonschema_rs.Draft202012Validator(json.loads(read_spec("recording.schema.json"))).validate(json.loads(line))
    assert audit(file(tmp_path, line.encode())) == 0


def test_the_flags_of_the_pages_exist(capsys: pytest.CaptureFixture[str]) -> None:
    pages = [(ROOT / name).read_text("utf-8") for name in ("docs/recorded.md", "README.md")]
    lines = [line for page in pages for line in page.splitlines() if line.startswith("$ ni-contract audit")]
    flags = {word for line in lines for word in line.split() if word.startswith("--")}
    with pytest.raises(SystemExit):
        main(["audit", "--help"])
    shown = capsys.readouterr().out
    assert len(lines) == 10
    assert flags
    assert all(flag in shown for flag in flags)
