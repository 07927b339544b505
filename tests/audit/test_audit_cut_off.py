"""Files that end too early set the exit code; copies are never taken for recordings; requests are shown as sent."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from audit.test_audit_rewrite import parquet, vcr, vcr_json
from recorded import har, jsonl, lookup, lying

from ni_contract.cli import main
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.recordings.read import read_recordings

SAMPLES = Path(__file__).parents[1] / "recordings" / "samples"
WORDS = "error: not everything could be read, see `unreadable`"
RIGHT = [lookup(), lookup("441632960960"), lookup("441632960961")]
WHOLE = {
    "traffic.har": har(RIGHT),
    "tape.yaml": vcr(RIGHT),
    "tape.json": vcr_json(RIGHT),
    "log.jsonl": jsonl(RIGHT),
    "log.jsonl.gz": gzip.compress(jsonl(RIGHT), mtime=0),
}


@pytest.mark.parametrize("name", WHOLE)
def test_cut_off_file_is_no_success(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What comes before the cut is judged; the rest is missing, so that the audit ends with an error."""
    (tmp_path / name).write_bytes(WHOLE[name][: int(len(WHOLE[name]) * 0.9)])
    code, out = main(["audit", str(tmp_path), "--workers", "1"]), capsys.readouterr().out
    assert code == 3, out
    assert WORDS in out
    assert f"unreadable: {tmp_path}/{name}" in out
    (tmp_path / name).write_bytes(WHOLE[name])
    assert main(["audit", str(tmp_path), "--workers", "1"]) == 0
    assert WORDS not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["vcrpy.yaml", "vcr-ruby-code-as-text.yml"])
def test_cassette_cut_between_lines_is_noticed(name: str, tmp_path: Path) -> None:
    """vcrpy and Ruby's VCR end each cassette with a member of its own; what ends before it is not whole."""
    lines = (SAMPLES / name).read_bytes().splitlines(keepends=True)
    for kept in range(4, len(lines) + 1):
        (tmp_path / name).write_bytes(b"".join(lines[:kept]))
        found = [getattr(one, "is_rest", False) for one in read_recordings(tmp_path / name)]
        assert any(found) == (kept < len(lines)), kept


def test_fault_outweighs_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = har([lying(country_prefix=44), lookup()])
    (tmp_path / "x.har").write_bytes(whole[:-300])
    assert main(["audit", str(tmp_path / "x.har"), "--workers", "1"]) == 1
    assert main(["audit", str(tmp_path / "x.har"), "--workers", "1", "--fail-on", "NIB-XML-*"]) == 0
    capsys.readouterr()


def test_strange_files_hide_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no recording, and one bad line, are named and leave the exit code as it is."""
    (tmp_path / "a.jsonl").write_bytes(jsonl(RIGHT[:2]) + b"no json\n" + jsonl(RIGHT[2:]))
    (tmp_path / "notes.txt").write_text("remember the milk")
    assert main(["audit", str(tmp_path), "--workers", "1"]) == 0
    assert capsys.readouterr().out.count("unreadable: ") == 2


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.suffix == ".json"))
def test_cut_samples_are_noticed(name: str, tmp_path: Path) -> None:
    """Every format in JSON whose format can still be told says that it is cut off."""
    (tmp_path / name).write_bytes((SAMPLES / name).read_bytes().rstrip()[:-1])
    assert any(getattr(one, "is_rest", False) for one in read_recordings(tmp_path / name))


def test_cut_parquet_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(parquet(RIGHT)[:-10])
    assert [getattr(one, "is_rest", False) for one in read_recordings(tmp_path / "x")] == [True]


def test_own_copies_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is read cannot take copies: the next run would copy the copies."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "t.har").write_bytes(har(RIGHT))
    assert main(["audit", str(tmp_path / "in"), "--rewrite", str(tmp_path / "in")]) == 2
    assert "would be one of its own copies; give another folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["t.har"]
    # A folder inside is refused as soon as there are copies in it.
    assert main(["audit", str(tmp_path / "in"), "--rewrite", str(tmp_path / "in" / "out")]) == 0
    assert main(["audit", str(tmp_path / "in"), "--rewrite", str(tmp_path / "in" / "out"), "--force"]) == 2
    capsys.readouterr()


def test_copy_beside_input_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy beside its input, given with it the next time, is not copied again."""
    first, second = str(tmp_path / "t.har"), str(tmp_path / "t-2.har")
    Path(first).write_bytes(har(RIGHT))
    assert main(["audit", first, "--rewrite", str(tmp_path)]) == 0
    assert main(["audit", first, second, "--rewrite", str(tmp_path)]) == 2
    assert "t-2.har, which is to be read, would be one of its own copies" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        (Request("GET", "https://api.nexmo.com/ni/basic/json?number=%FF44"), "GET /ni/basic/json  number=%FF44"),
        (
            Request("POST", "https://api.nexmo.com/ni/basic/json", (("Content-Type", "application/json"),), b'{"a'),
            'POST /ni/basic/json  {"a [Content-Type: application/json]',
        ),
        (
            Request(
                "POST",
                "https://api.nexmo.com/ni/basic/json?country=GB",
                (("Content-Type", "application/json"),),
                b'{"number": 447700900000, "api_secret": "Zq7pLm2XsW9k"}',
            ),
            'country=GB {"number": 447700900000, "api_secret": "***"}',
        ),
    ],
    ids=["query", "cut JSON", "JSON"],
)
def test_request_is_shown_as_sent(
    request_: Request, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A query that cannot be decoded and a body in JSON are shown as they were sent, without secrets."""
    exchange: Exchange = replace(lying(country_prefix=44), request=request_)
    (tmp_path / "x.jsonl").write_bytes(jsonl([exchange]))
    assert main(["audit", str(tmp_path / "x.jsonl"), "--workers", "1"]) == 1
    out = capsys.readouterr().out
    assert shown in out
    assert "Zq7pLm2XsW9k" not in out
