"""Every reader accepts the written HAR, it has the whole exchange, and it is complete after each exchange."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ni_contract.errors import HarnessError
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.recordings import read_recordings
from ni_contract.recordings.har_writer import HarWriter

NOW = 1_795_427_367.25
FORM = Request(
    "POST", "https://api.nexmo.com/ni/basic/json", (("Content-Type", "application/x-www-form-urlencoded"),), b"number=1"
)
GET = Request("GET", "https://api.nexmo.com/ni/basic/xml?number=%2B44+7&number=2&&x", (("X-A", "b"), ("X-A", "c")))
EXCHANGES = [
    Exchange(GET, Answer(200, (("content-type", "text/xml"), ("X", "ü")), "<format>é</format>".encode()), "", NOW),
    Exchange(FORM, Answer(302, (("location", "/elsewhere"),), b""), "", NOW + 1),
    Exchange(GET, Answer(799, (), b"\xff\xfe"), "", NOW + 2),
    Exchange(FORM, Failure("timeout", "no complete answer within 10 seconds"), "", NOW + 3),
]

# HAR 1.2: the fields that it requires, and their types.
SIZES = ["headersSize", "bodySize"]
REQUEST = ["method", "url", "httpVersion", "cookies", "headers", "queryString", *SIZES]
RESPONSE = ["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", *SIZES]
NAMED = {"type": "array", "items": {"type": "object", "required": ["name", "value"]}}
SCHEMA = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
            },
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
            "properties": {
                "startedDateTime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
                "time": {"type": "number", "minimum": 0},
                "timings": {"type": "object", "required": ["send", "wait", "receive"]},
                "request": {
                    "required": REQUEST,
                    "properties": {
                        "headers": NAMED,
                        "queryString": NAMED,
                        "postData": {"required": ["mimeType", "text"]},
                    },
                },
                "response": {
                    "required": RESPONSE,
                    "properties": {
                        "status": {"type": "integer"},
                        "headers": NAMED,
                        "content": {"required": ["size", "mimeType"]},
                    },
                },
            },
        }
    },
}


def written(tmp_path: Path) -> Path:
    writer = HarWriter(tmp_path / "live.har", "a comment")
    for exchange in EXCHANGES:
        writer.add(exchange, 0.0123, {"vector": "x"})
    return tmp_path / "live.har"


def test_it_is_har_1_2(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path).read_text())
    jsonschema.validate(document, SCHEMA)
    assert document["log"]["comment"] == "a comment"
    assert document["log"]["entries"][0]["_ni"] == {"vector": "x"}


def test_our_reader_reads_what_was_written(tmp_path: Path) -> None:
    read = [exchange for exchange in read_recordings(written(tmp_path)) if isinstance(exchange, Exchange)]
    assert [(e.request, e.answer, e.sent_at) for e in read] == [(e.request, e.answer, e.sent_at) for e in EXCHANGES]


def test_query_is_split_for_viewers(tmp_path: Path) -> None:
    first = json.loads(written(tmp_path).read_text())["log"]["entries"][0]["request"]["queryString"]
    assert [(pair["name"], pair["value"]) for pair in first] == [("number", "+44 7"), ("number", "2"), ("x", "")]


def test_har_is_always_complete(tmp_path: Path) -> None:
    """The file is complete from the first moment on and after each exchange."""
    writer = HarWriter(tmp_path / "live.har")
    for number, exchange in enumerate(EXCHANGES):
        assert len(json.loads((tmp_path / "live.har").read_text())["log"]["entries"]) == number
        writer.add(exchange, 0.1)
    assert [file.name for file in tmp_path.iterdir()] == ["live.har"]


def test_unwritable_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="does not exist"):
        HarWriter(tmp_path / "nowhere" / "live.har")
