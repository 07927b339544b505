"""HAR and JSONL give the exchanges that they were made of, and their faults are named."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
import zstandard
from recorded import entry_of, har, jsonl, lookup, refused

from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.values import FAILURE_KINDS, Answer, Exchange, Failure, Request
from ni_contract.recordings import Recorded, Unreadable, read_recordings
from ni_contract.recordings.decompress import lines_of
from ni_contract.recordings.entry import MAX_ENTRY_BYTES
from ni_contract.recordings.formats.jsonl import exchange_of_row, row_of

SCHEMA = jsonschema_rs.Draft202012Validator(json.loads(read_spec("recording.schema.json")))
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
SENT = [
    lookup(),
    lookup("441632960960", "xml"),
    refused(),
    Exchange(Request("POST", lookup().request.url, FORM, b"number=1&note=%C3%A9"), Answer(503, (), b"busy"), "", None),
]
UNUSUAL = [
    Exchange(Request("GET", "https://h/"), Failure("timeout", "nothing came"), "", 5.5),
    Exchange(Request("POST", "https://h/", (), b"\xff\x00"), Answer(200, (("A", "1"), ("a", "2")), b"\xfe"), "", None),
]


def read(path: Path) -> list[Recorded]:
    return list(read_recordings(path))


def plain(recorded: list[Recorded]) -> list[Exchange]:
    """*exchange* without its place, and not filtered."""
    assert not [one for one in recorded if isinstance(one, Unreadable)]
    return [replace(one, origin="", filtered=False) for one in recorded if isinstance(one, Exchange)]


@pytest.mark.parametrize("exchange", [*SENT, *UNUSUAL])
def test_jsonl_line_keeps_exchange_and_schema(exchange: Exchange, tmp_path: Path) -> None:
    """A line of JSONL has the exchange that it was made of, and follows the schema."""
    (tmp_path / "log").write_bytes(jsonl([exchange]))
    assert plain(read(tmp_path / "log")) == [exchange]
    assert SCHEMA.is_valid(row_of(exchange))


def test_an_exchange_knows_its_line(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(b"\n" + jsonl([lookup(), lookup()]))
    assert [one.origin for one in read(tmp_path / "log.jsonl") if isinstance(one, Exchange)] == [
        f"{tmp_path}/log.jsonl:2",
        f"{tmp_path}/log.jsonl:3",
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_har_is_read_entry_by_entry(indent: int | None, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbf" + har(SENT, indent))
    found = read(tmp_path / "x")
    assert [one.request for one in plain(found)] == [one.request for one in SENT]
    assert [one.answer for one in plain(found)] == [one.answer for one in SENT]
    assert isinstance(found[1], Exchange)
    assert found[1].origin == f"{tmp_path}/x, entry 2"


def test_har_entries_may_come_last(tmp_path: Path) -> None:
    """A HAR may have anything before the entries."""
    document = {"comment": ["}", {"log": 1}], "log": {"pages": [1.5, -2, True, None], "entries": [entry_of(lookup())]}}
    (tmp_path / "x").write_text(json.dumps(document, indent=1))
    assert len(plain(read(tmp_path / "x"))) == 1


def test_har_base64_and_parameters_are_read(tmp_path: Path) -> None:
    entry = entry_of(lookup())
    entry["response"]["content"] = {"text": "eyJzdGF0dXMiOiAwfQ==", "encoding": "base64"}
    entry["request"]["postData"] = {"params": [{"name": "number", "value": "+44 1"}, {"name": "cnam", "value": "é"}]}
    (tmp_path / "x").write_text(json.dumps({"log": {"entries": [entry]}}))
    (exchange,) = plain(read(tmp_path / "x"))
    assert isinstance(exchange.answer, Answer)
    assert exchange.answer.body == b'{"status": 0}'
    assert exchange.request.body == b"number=%2B44+1&cnam=%C3%A9"


def test_har_without_answer_is_failure(tmp_path: Path) -> None:
    entry = entry_of(lookup())
    entry["response"] = {"status": 0, "statusText": "", "headers": [], "_error": "net::ERR_FAILED"}
    (tmp_path / "x").write_text(json.dumps({"log": {"entries": [entry]}}))
    assert plain(read(tmp_path / "x"))[0].answer == Failure("reset", "net::ERR_FAILED")


@pytest.mark.parametrize("cut", range(20, 2600, 137))
def test_truncated_har_gives_first_entries(cut: int, tmp_path: Path) -> None:
    whole = har([lookup(), lookup(), lookup()])
    (tmp_path / "x").write_bytes(whole[:cut])
    *before, last = read(tmp_path / "x")
    assert isinstance(last, Unreadable)
    assert "cut off" in last.why
    assert len(before) == whole[:cut].count(b'"timings"')
    assert last.is_rest


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"method": ', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"method": "GET", "url": "https://h/"}', "neither http_status nor failure_kind"),
        (b'{"method": "GET", "url": 5, "http_status": 200}', "url is not text"),
        (b'{"method": "GET", "url": "u", "http_status": 20}', "http_status"),
        (b'{"method": "GET", "url": "u", "http_status": true}', "http_status"),
        (b'{"method": "GET", "url": "u", "http_status": 200, "answer_body_base64": "*"}', "not Base64"),
        (b'{"method": "GET", "url": "u", "http_status": 200, "answer_headers": [["a"]]}', "answer_headers"),
        (b'{"method": "GET", "url": "u", "http_status": 200, "sent_at": "soon"}', "sent_at"),
        (b'{"method": "GET", "url": "u", "failure_kind": "bored"}', "failure_kind"),
        (b'{"method": "GET", "url": "\xff", "http_status": 200}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_bad_line_is_named(line: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(line + b"\n" + jsonl([lookup()]))
    bad, good = read(tmp_path / "log")
    assert isinstance(bad, Unreadable)
    assert (bad.place, bad.is_rest) == (f"{tmp_path}/log:1", False)
    assert why in bad.why or (why == "not UTF-8" and "not JSON" in bad.why)
    assert isinstance(good, Exchange)


def test_endless_line_is_skipped(tmp_path: Path) -> None:
    """A line without end is skipped in little memory."""
    (tmp_path / "log").write_bytes(jsonl([lookup()]) + b"x" * (MAX_ENTRY_BYTES + 1) + b"\n" + jsonl([lookup()]))
    first, endless, last = read(tmp_path / "log")
    assert isinstance(endless, Unreadable)
    assert endless.place.endswith(":2")
    assert isinstance(first, Exchange)
    assert isinstance(last, Exchange)


def test_lines_are_found_whatever_the_blocks() -> None:
    data, blocks = b"a\nbb\n\nccc", iter([b"a", b"\nb", b"b\n", b"\ncc", b"c", b""])
    found = list(lines_of(lambda _size: next(blocks)))
    assert found == [(line, len(line)) for line in data.splitlines(keepends=True)]


@pytest.mark.parametrize("kind", FAILURE_KINDS)
def test_schema_knows_every_kind_of_failure(kind: str) -> None:
    row = row_of(Exchange(Request("GET", "https://api.nexmo.com/ni/basic/json"), Failure(kind, "none came")))
    SCHEMA.validate(row)
    assert exchange_of_row(row, "").answer == Failure(kind, "none came")


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zstandard.compress(data)], ids=["gzip", "zstd"])
def test_packed_files_are_recognised(pack, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a").write_bytes(pack(jsonl([lookup()])) + pack(jsonl([refused()])))
    assert len(plain(read(tmp_path / "a"))) == 2
    (tmp_path / "a").write_bytes(pack(jsonl([lookup()] * 2000))[:-9])
    last = read(tmp_path / "a")[-1]
    assert isinstance(last, Unreadable)
    assert "cut off" in last.why


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zstandard.compress(data)], ids=["gzip", "zstd"])
def test_bomb_is_refused(pack, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A decompression bomb is refused before it expands."""
    (tmp_path / "bomb").write_bytes(pack(jsonl([lookup()]) + b"\0" * 100_000_000))
    last = read(tmp_path / "bomb")[-1]
    assert isinstance(last, Unreadable)
    assert "250 times" in last.why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x89PNG", "no recording"),
        (b'{"name": "package", "version": 1}', "no recording"),
        (b"PK\x03\x04...", "zip"),
        (b"\x1f\x8b\x08" + bytes(30), "broken"),
    ],
)
def test_other_file_is_explained(data: bytes, why: str, tmp_path: Path) -> None:
    """A file that is no recording is reported with the reason."""
    (tmp_path / "x").write_bytes(data)
    (only,) = read(tmp_path / "x")
    assert isinstance(only, Unreadable)
    assert only.is_rest == (why in ("zip", "broken"))
    assert why in only.why


def test_missing_file_is_explained(tmp_path: Path) -> None:
    (only,) = read(tmp_path / "missing")
    assert isinstance(only, Unreadable)
    assert "No such file" in only.why
