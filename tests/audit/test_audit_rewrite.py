"""Copies contain no secret, and are judged as the originals, except by the clauses about credentials."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow
import pyarrow.parquet
import pytest
import yaml
import zstandard
from recorded import COLUMNS, URL, entry_of, har, jsonl, lookup, lying, refused

from ni_contract.cli import main
from ni_contract.contract.catalogue import credential_clauses
from ni_contract.contract.signature import sign
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.formats.jsonl import row_of

ACCOUNT = Credentials("a1b2c3d4", "Q7!zé+/ %Xw9", "signing-Secret-42")
FORM = "application/x-www-form-urlencoded"
ENCODED = f"api_key={ACCOUNT.api_key}&api_secret={quote(ACCOUNT.api_secret, safe='')}"
NEEDLES = (
    ACCOUNT.api_key,
    ACCOUNT.api_secret,
    quote(ACCOUNT.api_secret, safe=""),
    json.dumps(ACCOUNT.api_secret)[1:-1],
    ACCOUNT.basic_token(),
    base64.b64encode(ACCOUNT.api_secret.encode()).decode(),
)


def with_secrets() -> list[Exchange]:
    """One exchange for each way to send credentials, some with wrong answers."""
    right, params = lookup().answer, (("number", "447700900000"), ("api_key", ACCOUNT.api_key))
    signed = (*params, ("timestamp", "1795427367"))
    sig = sign(signed, ACCOUNT.signature_secret, "md5hash")
    posted = json.dumps({"number": "447700900000", "api_key": ACCOUNT.api_key, "api_secret": ACCOUNT.api_secret})
    requests = [
        Request("GET", f"{URL}/json?number=447700900000&{ENCODED}", (("Cookie", "session=a1b2c3d4e5"),)),
        Request("POST", f"{URL}/json", (("Content-Type", FORM),), f"number=447700900000&{ENCODED}".encode()),
        Request("POST", f"{URL}/json", (("Content-Type", "application/json"),), posted.encode()),
        Request("GET", f"{URL}/json?number=447700900000", (("Authorization", f"Basic {ACCOUNT.basic_token()}"),)),
        Request("GET", f"{URL}/json?number=447700900000&api_key={ACCOUNT.api_key}&timestamp=1795427367&sig={sig}"),
    ]
    fresh = [lookup("447700900000").answer for _ in requests]
    exchanges = [
        Exchange(request, answer, "", 1_795_427_367.0) for request, answer in zip(requests, fresh, strict=True)
    ]
    echo = lying(carrier=ACCOUNT.api_secret, country_prefix=44)
    refusal = refused(4).answer
    assert isinstance(right, Answer)
    return [
        *exchanges,
        replace(exchanges[0], answer=echo.answer),
        replace(exchanges[3], answer=refused(3).answer),
        replace(exchanges[0], answer=refusal),
    ]


def vcr(exchanges: Iterable[Exchange]) -> bytes:
    items = []
    for one in exchanges:
        assert isinstance(one.answer, Answer)
        asked = {"method": one.request.method, "uri": one.request.url, "body": one.request.body.decode()}
        told = {"status": {"code": one.answer.http_status}, "body": {"string": one.answer.body.decode()}}
        asked["headers"] = {name: [value] for name, value in one.request.headers}  # type: ignore[assignment]
        told["headers"] = {name: [value] for name, value in one.answer.headers}
        items.append({"request": asked, "response": told})
    return yaml.dump({"interactions": items, "version": 1}, allow_unicode=True).encode()


def vcr_json(exchanges: Iterable[Exchange]) -> bytes:
    return json.dumps(yaml.safe_load(vcr(exchanges)), indent=1).encode()


def parquet(exchanges: Iterable[Exchange]) -> bytes:
    rows = [dict.fromkeys(COLUMNS) | row_of(one) for one in exchanges]
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


FORMATS: dict[str, Any] = {
    "log.jsonl": jsonl,
    "traffic.har": har,
    "tape.yaml": vcr,
    "tape.json": vcr_json,
    "log.parquet": parquet,
    "log.jsonl.gz": lambda exchanges: gzip.compress(jsonl(exchanges)),
    "traffic.har.zst": lambda exchanges: zstandard.compress(har(exchanges)),
}


def plain(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(data).read() if data.startswith(b"\x28\xb5") else data


def clauses_of(path: Path, folder: Path) -> dict[str, dict[str, tuple[str, int, int]]]:
    main(["audit", str(path), "--workers", "1", "--report", str(folder / "report.json")])
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {
        edition: {c["id"]: (c["verdict"], c["exercised"], c["failed"]) for c in found["clauses"]}
        for edition, found in report["editions"].items()
    }


@pytest.fixture
def copied(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """The original and its copy."""
    original = tmp_path / request.param
    original.write_bytes(FORMATS[request.param](with_secrets()))
    main(["audit", str(original), "--workers", "1", "--rewrite", str(tmp_path / "redacted")])
    (copy,) = (tmp_path / "redacted").iterdir()
    return original, copy


@pytest.mark.parametrize("copied", FORMATS, indirect=True)
def test_a_copy_holds_no_secret(copied: tuple[Path, Path]) -> None:
    original, copy = copied
    data = plain(copy.read_bytes())
    assert original.name.endswith("parquet") or any(n.encode() in plain(original.read_bytes()) for n in NEEDLES)
    assert not [needle for needle in NEEDLES if needle.encode() in data]
    assert b"session=" not in data
    assert b"***" in data


@pytest.mark.slow
@pytest.mark.parametrize("copied", FORMATS, indirect=True)
def test_copy_is_judged_as_original(copied: tuple[Path, Path], tmp_path: Path) -> None:
    """A copy is judged as the original, except for credentials."""
    original, copy = copied
    before, after = clauses_of(original, tmp_path), clauses_of(copy, tmp_path)
    for edition in before:
        for clause_id, (verdict, evaluated, failed) in before[edition].items():
            if clause_id in credential_clauses():
                assert after[edition][clause_id][0] == "untested", clause_id
            elif not clause_id.startswith("NIB-SEC"):
                assert after[edition][clause_id] == (verdict, evaluated, failed), clause_id
    assert {v for c, (v, _, _) in after["documented"].items() if c.startswith("NIB-SEC")} == {"pass"}
    assert any(v == "fail" for v, _, _ in after["documented"].values())


def test_folders_keep_their_structure(tmp_path: Path) -> None:
    """A copied folder keeps its structure, and inputs are never overwritten."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a.jsonl").write_bytes(jsonl([lookup()]))
    (tmp_path / "in" / "a.jsonl").write_bytes(jsonl([lookup()]))
    before = (tmp_path / "in" / "a.jsonl").read_bytes()
    main(["audit", str(tmp_path / "in"), "--workers", "1", "--rewrite", str(tmp_path / "out")])
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.jsonl")) == [
        "a.jsonl",
        "deep/a.jsonl",
    ]
    main(["audit", str(tmp_path / "in" / "a.jsonl"), "--workers", "1", "--rewrite", str(tmp_path / "in")])
    assert (tmp_path / "in" / "a.jsonl").read_bytes() == before
    assert (tmp_path / "in" / "a-2.jsonl").exists()


def test_unreadable_parts_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = har(with_secrets())
    (tmp_path / "cut.har").write_bytes(whole[:-900])
    (tmp_path / "bad.jsonl").write_bytes(jsonl([lookup()]) + f"api_secret={ACCOUNT.api_secret}\n".encode())
    main(["audit", str(tmp_path), "--workers", "1", "--rewrite", str(tmp_path / "out")])
    err = capsys.readouterr().err
    assert "cut.har: copied" in err
    assert "without 1 that cannot be read" in err
    document = json.loads((tmp_path / "out" / "cut.har").read_text("utf-8"))
    assert len(document["log"]["entries"]) == len(with_secrets()) - 1
    assert ACCOUNT.api_secret not in (tmp_path / "out" / "bad.jsonl").read_text("utf-8")


def test_har_loses_secrets_and_cookies_only(tmp_path: Path) -> None:
    """A copied HAR keeps all content but secrets and cookies."""
    entry = entry_of(lookup()) | {"_custom": {"deep": [1, 2.5, None, True]}}
    entry["request"]["cookies"] = [{"name": "sid", "value": "cookie-value"}]
    entry["request"]["queryString"] = [{"name": "api_secret", "value": "other-value"}, {"name": "number", "value": "1"}]
    (tmp_path / "x.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    main(["audit", str(tmp_path / "x.har"), "--workers", "1", "--rewrite", str(tmp_path / "out")])
    copy = json.loads((tmp_path / "out" / "x.har").read_text("utf-8"))
    (found,) = copy["log"]["entries"]
    assert copy["log"]["version"] == "1.2"
    assert found["_custom"] == entry["_custom"]
    assert found["response"] == entry["response"]
    assert [row["value"] for row in found["request"]["queryString"]] == ["***", "1"]
    assert found["request"]["cookies"] == [{"name": "sid", "value": "***"}]


def test_huge_yaml_expansion_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """YAML that expands to more than fits into memory is left out."""
    names = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9 if i else ['x'] * 9)}]" for i in range(9)]
    item = "\n".join(f"    {line}" for line in names)
    (tmp_path / "x.yaml").write_text(f"interactions:\n- request:\n    method: GET\n{item}\nversion: 1\n")
    main(["audit", str(tmp_path / "x.yaml"), "--workers", "1", "--rewrite", str(tmp_path / "out")])
    assert "without 1 that cannot be read" in capsys.readouterr().err
