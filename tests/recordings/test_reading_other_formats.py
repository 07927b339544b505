"""VCR cassettes, mitmproxy flows and Parquet give the exchanges that they were made of."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import yaml
from recorded import COLUMNS, jsonl, lookup, refused

from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.recordings import Recorded, Unreadable, read_recordings
from ni_contract.recordings.formats.jsonl import row_of

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
SENT = [
    replace(lookup(), sent_at=None),
    replace(lookup("441632960960", "xml"), sent_at=None),
    replace(refused(), sent_at=None),
    Exchange(Request("POST", lookup().request.url, FORM, b"number=1&note=%C3%A9"), Answer(503, (), b"\xff"), "", None),
]
Writer = Callable[[Iterable[Exchange]], bytes]


def _interaction(exchange: Exchange) -> dict[str, Any]:
    request, answer = exchange.request, exchange.answer
    assert isinstance(answer, Answer)
    return {
        "request": {
            "body": request.body.decode() or None,
            "headers": {name: [value] for name, value in request.headers},
            "method": request.method,
            "uri": request.url,
        },
        "response": {
            "body": {"string": _text(answer.body)},
            "headers": {name: [value] for name, value in answer.headers},
            "status": {"code": answer.http_status, "message": "OK"},
        },
    }


def _text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def vcrpy_yaml(exchanges: Iterable[Exchange]) -> bytes:
    return yaml.dump({"interactions": [_interaction(one) for one in exchanges], "version": 1}).encode()


def vcrpy_json(exchanges: Iterable[Exchange]) -> bytes:
    items = [_interaction(one) for one in exchanges]
    for item in items:
        if isinstance(body := item["response"]["body"]["string"], bytes):
            item["response"]["body"] = {"base64_string": yaml.safe_load(yaml.dump(body)) and "/w=="}
    return json.dumps({"version": 1, "interactions": items}, indent=4).encode()


def ruby_yaml(exchanges: Iterable[Exchange]) -> bytes:
    items = []
    for one in exchanges:
        item = _interaction(one)
        item["request"]["method"] = item["request"]["method"].lower()
        item["request"]["body"] = {"encoding": "UTF-8", "string": item["request"]["body"] or ""}
        item["recorded_at"] = "Mon, 23 Nov 2026 10:29:27 GMT"
        items.append(item)
    return ("---\n" + yaml.dump({"http_interactions": items, "recorded_with": "VCR 6.0.0"})).encode()


def tnetstring(value: Any) -> bytes:
    """*value* as mitmproxy writes it."""
    if isinstance(value, dict):
        data, kind = b"".join(tnetstring(k) + tnetstring(v) for k, v in value.items()), b"}"
    elif isinstance(value, list):
        data, kind = b"".join(map(tnetstring, value)), b"]"
    elif isinstance(value, bool):
        data, kind = str(value).lower().encode(), b"!"
    elif isinstance(value, int):
        data, kind = str(value).encode(), b"#"
    elif isinstance(value, float):
        data, kind = str(value).encode(), b"^"
    elif value is None:
        data, kind = b"", b"~"
    else:
        data, kind = (value, b",") if isinstance(value, bytes) else (value.encode(), b";")
    return b"%d:%b%b" % (len(data), data, kind)


def flow(exchange: Exchange) -> dict[str, Any]:
    request, answer = exchange.request, exchange.answer
    path = "/" + request.url.partition("//")[2].partition("/")[2]
    named = {"host": "10.0.0.1", "port": 443, "authority": b"", "scheme": b"https", "path": path.encode()}
    headers = [[b"Host", b"api.nexmo.com"], *([n.encode(), v.encode()] for n, v in request.headers)]
    asked = {"method": request.method.encode(), "headers": headers, "content": request.body, **named}
    found: dict[str, Any] = {
        "type": "http",
        "version": 21,
        "request": asked | {"timestamp_start": 1.5},
        "response": None,
    }
    if isinstance(answer, Answer):
        rows = [[n.encode(), v.encode()] for n, v in answer.headers]
        found["response"] = {"status_code": answer.http_status, "headers": rows, "content": answer.body}
    return found


def flows(exchanges: Iterable[Exchange]) -> bytes:
    return b"".join(tnetstring(flow(one)) for one in exchanges)


def read(data: bytes, folder: Path) -> list[Recorded]:
    (folder / "file").write_bytes(data)
    return list(read_recordings(folder / "file"))


def exchanges(recorded: list[Recorded]) -> list[Exchange]:
    assert not [one for one in recorded if isinstance(one, Unreadable)]
    return [one for one in recorded if isinstance(one, Exchange)]


@pytest.mark.parametrize("write", [vcrpy_yaml, vcrpy_json, ruby_yaml, flows])
def test_recording_has_its_exchanges(write: Writer, tmp_path: Path) -> None:
    found = exchanges(read(write(SENT), tmp_path))
    hosts = (("Host", "api.nexmo.com"),) if write is flows else ()
    assert [one.answer for one in found] == [one.answer for one in SENT]
    assert [one.request for one in found] == [
        replace(one.request, headers=(*hosts, *one.request.headers)) for one in SENT
    ]


def test_unusual_cassette_is_read_whole(tmp_path: Path) -> None:
    items = yaml.dump([_interaction(one) for one in SENT])
    indented = "".join(f"    {line}\n" for line in items.splitlines())
    assert len(exchanges(read(f"# by hand\ninteractions:\n{indented}version: 1\n".encode(), tmp_path))) == len(SENT)


def test_cassette_with_references_is_read(tmp_path: Path) -> None:
    """A cassette whose items refer to each other is read."""
    shared = {"Accept": ["*/*"]}
    items = [_interaction(SENT[0]), _interaction(SENT[1])]
    for item in items:
        item["request"]["headers"] = shared
    data = yaml.dump({"interactions": items, "version": 1}).encode()
    assert b"*id001" in data
    assert len(exchanges(read(data, tmp_path))) == 2


def test_latin_1_interaction_stops_nothing(tmp_path: Path) -> None:
    data = vcrpy_yaml([lookup(), lookup("441632960960"), lookup()]).replace(b"Kingdom", b"K\xe9", 1)
    first, *others = read(data, tmp_path)
    assert isinstance(first, Unreadable)
    assert first.place.endswith("interaction 1")
    assert "not UTF-8: byte 0xe9" in first.why
    assert len(exchanges(others)) == 2


def test_numeric_yaml_headers_are_text(tmp_path: Path) -> None:
    data = b"interactions:\n- request: {method: GET, uri: 'https://h/', headers: {A: [1]}, body: null}\n"
    data += b"  response: {status: {code: 200, message: OK}, headers: {B: 2}, body: {string: '{}'}}\nversion: 1\n"
    (one,) = exchanges(read(data, tmp_path))
    assert one.request.headers == (("A", "1"),)
    assert one.answer == Answer(200, (("B", "2"),), b"{}")


def test_packed_bodies_are_unpacked(tmp_path: Path) -> None:
    packed = Answer(200, (("Content-Encoding", "gzip"),), gzip.compress(b'{"status": 0}'))
    unpacked = Answer(200, (("Content-Encoding", "gzip"),), b'{"status": 0}')
    unknown = Answer(200, (("Content-Encoding", "compress"),), b"\x8b\x05")
    sent = [replace(SENT[0], answer=answer) for answer in (packed, unpacked, unknown)]
    first, second, third = read(flows(sent), tmp_path)
    assert isinstance(first, Exchange)
    assert isinstance(second, Exchange)
    assert isinstance(third, Unreadable)
    assert first.answer == second.answer == unpacked
    assert "'compress'" in third.why


def test_endless_body_is_reported(tmp_path: Path) -> None:
    """A body that expands without end is reported."""
    bomb = Answer(200, (("Content-Encoding", "gzip"),), gzip.compress(bytes(40_000_000)))
    (only,) = read(flows([replace(SENT[0], answer=bomb)]), tmp_path)
    assert isinstance(only, Unreadable)
    assert "more than" in only.why


def test_other_flows_are_skipped(tmp_path: Path) -> None:
    """Flows of other protocols are skipped, and those without answer are failures."""
    data = tnetstring({"type": "tcp"}) + tnetstring(flow(SENT[0]) | {"response": None, "error": {"msg": "killed"}})
    (one,) = exchanges(read(data, tmp_path))
    assert one.answer == Failure("reset", "killed")
    assert (one.sent_at, one.request.url) == (1.5, SENT[0].request.url)


@pytest.mark.parametrize("write", [vcrpy_yaml, vcrpy_json, flows])
def test_truncated_recording_gives_first_exchanges(write: Writer, tmp_path: Path) -> None:
    data = write([SENT[0]] * 3)
    found = read(data[: int(len(data) * 0.8)], tmp_path)
    assert isinstance(found[-1], Unreadable)
    assert len(exchanges(found[:-1])) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"5:hello,",
        b"12:xxxxxxxxxxxx}",
        b"9999999999999:x",
        b"interactions: 5\n",
        b"interactions:\n- 5\n- [1, 2]\n",
        b"interactions:\n- request: {}\n",
        b"interactions:\n- " + b"[" * 100_000,
        b'{"interactions": [1, {"request": {"uri": 5}}]}',
        tnetstring({"type": "http", "request": {"method": 5}}),
        b"PAR1 and no more",
    ],
    ids=lambda data: data[:24],
)
def test_rubbish_is_named(data: bytes, tmp_path: Path) -> None:
    found = read(data, tmp_path)
    assert found
    assert all(isinstance(one, Unreadable) for one in found)


def rows() -> list[dict[str, Any]]:
    return [dict.fromkeys(COLUMNS) | row_of(one) for one in (SENT[0], replace(SENT[1], sent_at=7.0), SENT[3])]


def test_parquet_has_columns_of_jsonl(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows()), tmp_path / "log")
    found = list(read_recordings(tmp_path / "log"))
    (tmp_path / "log.jsonl").write_bytes(jsonl([SENT[0], replace(SENT[1], sent_at=7.0), SENT[3]]))
    assert [replace(one, origin="") for one in exchanges(found)] == [
        replace(one, origin="") for one in exchanges(list(read_recordings(tmp_path / "log.jsonl")))
    ]


def test_parquet_headers_and_bodies_vary(tmp_path: Path) -> None:
    """Parquet may have headers as a map and bodies as bytes."""
    kind = pyarrow.map_(pyarrow.string(), pyarrow.string())
    table = pyarrow.table(
        {
            "method": ["GET"],
            "url": ["https://h/"],
            "request_headers": pyarrow.array([[("A", "1")]], kind),
            "http_status": pyarrow.array([200], pyarrow.int16()),
            "answer_body": [b"\xff"],
            "sent_at": pyarrow.array([1_000_000], pyarrow.timestamp("us", "UTC")),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "log")
    (one,) = exchanges(list(read_recordings(tmp_path / "log")))
    assert (one.request.headers, one.answer, one.sent_at) == ((("A", "1"),), Answer(200, (), b"\xff"), 1.0)


def test_broken_parquet_row_is_named(tmp_path: Path) -> None:
    bad = rows()
    bad[1]["http_status"] = None
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(bad), tmp_path / "log")
    _, broken, _ = read_recordings(tmp_path / "log")
    assert isinstance(broken, Unreadable)
    assert broken.place.endswith("row 2")


def test_python_tags_are_data(tmp_path: Path) -> None:
    """Values that old cassettes tag as Python are read, and nothing is called."""
    data = """interactions:
- request: {method: !!python/unicode 'GET', uri: 'https://h/', headers: {A: !!python/tuple [x]}, body: null}
  response:
    status: {code: 200, message: OK}
    headers: {B: !!python/object/apply:os.system [exit 1]}
    body: {string: !!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGk=, 0, null]}}
"""
    (one,) = exchanges(read(data.encode(), tmp_path))
    assert one.request.headers == (("A", "x"),)
    assert one.answer == Answer(200, (("B", "exit 1"),), b"hi")
