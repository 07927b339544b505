"""Compressed content is read, missing content fails no clause, a template is named, and harmful files are refused."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
from recorded import har, lookup
from recordings.test_formats import SAMPLES, verdicts

from ni_contract.cli import main
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Judge
from ni_contract.recordings import Unreadable, fields, read_recordings
from ni_contract.recordings.replay import load_replay

BODY = lookup().answer.body
LIE = BODY.replace(b'"44"', b"44")
ASKED = b"GET /ni/basic/json?number=447700900000 HTTP/1.1\r\nHost: api.nexmo.com\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Make = Callable[[bytes], bytes]


def one_har(content: dict[str, Any], *headers: tuple[str, str]) -> bytes:
    """A HAR document whose one answer has *content* and more *headers*."""
    document = json.loads(har([lookup()]))
    response = document["log"]["entries"][0]["response"]
    response["content"] = content
    response["headers"] += [{"name": name, "value": value} for name, value in headers]
    return json.dumps(document).encode()


def zipped(**files: bytes) -> bytes:
    """A ZIP archive of *files*, in whose names __ means / and _ means a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("-", "."), content)
    return out.getvalue()


def base64_of(body: bytes) -> str:
    return base64.b64encode(body).decode()


def pieces(body: bytes) -> str:
    packed = gzip.compress(body)
    return json.dumps([base64_of(packed[:100]), base64_of(packed[100:])])


def saz(body: bytes) -> bytes:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return zipped(**{"raw__1_c-txt": ASKED, "raw__1_s-txt": ANSWERED + chunked, "raw__1_m-xml": b"<Session/>"})


def burp(body: bytes) -> bytes:
    answer = base64_of(ANSWERED + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(body))
    dtd = '<!DOCTYPE items [\n<!ELEMENT items (item*)>\n<!ATTLIST items burpVersion CDATA "">\n]>'
    return (
        f'<?xml version="1.0"?>{dtd}<items burpVersion="1"><item><url><![CDATA[{lookup().request.url}]]></url>'
        f'<request base64="true"><![CDATA[{base64_of(ASKED)}]]></request>'
        f'<response base64="true"><![CDATA[{answer}]]></response></item></items>'
    ).encode()


def nock(body: bytes) -> bytes:
    packed = gzip.compress(body).hex()
    row = {
        "scope": "https://api.nexmo.com",
        "method": "GET",
        "path": "/ni/basic/json?number=447700900000",
        "status": 200,
    }
    headers = ["content-type", "application/json", "content-encoding", "gzip"]
    row |= {"response": [packed[:200], packed[200:]], "rawHeaders": headers}
    return json.dumps([row]).encode()


def vcr(body: bytes) -> bytes:
    sample = (SAMPLES / "vcrpy.yaml").read_bytes()
    return sample if body == BODY else sample.replace(b'"country_prefix": "44"', b'"country_prefix": 44')


def schemathesis(body: bytes) -> bytes:
    lines = (SAMPLES / "schemathesis.yaml").read_text().splitlines()
    encoded = f"      base64_string: '{base64_of(body)}'"
    return "\n".join(encoded if line.startswith("      string:") else line for line in lines).encode()


GZIP = ("Content-Encoding", "gzip")
PACKED: dict[str, Make] = {
    "gzip in Base64": lambda body: one_har({"text": base64_of(gzip.compress(body)), "encoding": "base64"}, GZIP),
    "pieces of Polly.js": lambda body: one_har({"text": pieces(body), "encoding": "base64"}, GZIP),
    "gzip in hexadecimal": lambda body: one_har({"text": json.dumps([gzip.compress(body).hex()])}, GZIP),
    "gzip as characters": lambda body: one_har({"text": gzip.compress(body).decode("latin-1")}, GZIP),
    "brotli": lambda body: one_har(
        {"text": base64_of(brotli.compress(body)), "encoding": "base64"}, ("content-encoding", "br")
    ),
    "saz": saz,
    "burp": burp,
    "nock": nock,
    "har.zip": lambda body: zipped(**{"har-har": one_har({"size": 9, "_file": "a.json"}), "a-json": body}),
    "zip of recordings": lambda body: zipped(**{"x__a-yaml": vcr(body)}),
    "utf-16": lambda body: one_har({"text": body.decode()}).decode().encode("utf-16"),
    "utf-16 without mark": lambda body: one_har({"text": body.decode()}).decode().encode("utf-16-be"),
    "utf-8 with mark": lambda body: one_har({"text": body.decode()}).decode().encode("utf-8-sig"),
    "utf-16 yaml, gzip": lambda body: gzip.compress(vcr(body).decode().encode("utf-16")),
    "zlib": lambda body: zlib.compress(vcr(body)),
    "schemathesis": schemathesis,
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_recording_is_judged(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(PACKED[name](BODY))
    assert verdicts(list(read_recordings(tmp_path / "file"))) == (1, set())
    (tmp_path / "file").write_bytes(PACKED[name](LIE))
    assert verdicts(list(read_recordings(tmp_path / "file"))) == (1, {"NIB-RES-015"})


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"size": 303, "mimeType": "application/json"},
        {"size": -1, "mimeType": "application/json"},
        {"size": -1, "text": ""},
        {"size": 303, "text": ""},
        {"size": 303, "text": None},
        {"size": 303, "_file": "gone.json"},
        {"size": 303, "_file": "../../etc/passwd"},
        {"size": 303, "text": BODY[:40].decode()},
        {"size": 40, "text": BODY[:40].decode(), "comment": "Response body truncated"},
        {"size": 40, "text": "[omitted]", "comment": "too large, not included"},
    ],
    ids=str,
)
def test_unrecorded_body_accuses_nobody(content: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "x.har").write_bytes(one_har(content))
    (one,) = read_recordings(tmp_path / "x.har")
    assert isinstance(one, Exchange)
    assert isinstance(one.answer, Answer)
    assert not one.answer.body_recorded
    assert Judge().provider(one) == []


def test_empty_body_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.har").write_bytes(one_har({"size": 0, "text": ""}))
    assert verdicts(list(read_recordings(tmp_path / "x.har"))) == (1, {"NIB-RES-003"})


def test_body_in_other_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(LIE)
    (tmp_path / "x.har").write_bytes(one_har({"size": 303, "_file": "a.json"}))
    assert verdicts(list(read_recordings(tmp_path / "x.har"))) == (1, {"NIB-RES-015"})


def test_wiremock_body_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "mappings" / "ni").mkdir(parents=True)
    (tmp_path / "__files").mkdir()
    (tmp_path / "__files" / "a.json").write_bytes(LIE)
    mapping = json.loads((SAMPLES / "wiremock-single.json").read_text())
    mapping["response"] = {"status": 200, "bodyFileName": "a.json", "headers": mapping["response"]["headers"]}
    (tmp_path / "mappings" / "ni" / "one.json").write_text(json.dumps(mapping))
    assert verdicts(list(read_recordings(tmp_path / "mappings" / "ni" / "one.json"))) == (1, {"NIB-RES-015"})


@pytest.mark.parametrize("template", ["{{randomValue type='UUID'}}", "<%= id %>", "${id}", "{% uuid %}"])
def test_template_in_an_answer_is_named(template: str, tmp_path: Path) -> None:
    """The rest of the answer is judged all the same."""
    mapping = json.loads((SAMPLES / "wiremock-mappings.json").read_text())
    mapping["mappings"][0]["response"]["jsonBody"] |= {"request_id": template, "country_prefix": 44}
    (tmp_path / "x.json").write_text(json.dumps(mapping))
    (one,) = read_recordings(tmp_path / "x.json")
    assert isinstance(one, Exchange)
    assert one.templated == ("$.request_id",)
    assert verdicts([one]) == (1, {"NIB-RES-015"})


def test_template_body_is_not_judged(tmp_path: Path) -> None:
    mapping = json.loads((SAMPLES / "wiremock-single.json").read_text())
    mapping["response"]["body"] = '{"status": {{request.query.status}}, "x": 1}'
    (tmp_path / "x.json").write_text(json.dumps(mapping))
    (one,) = read_recordings(tmp_path / "x.json")
    assert isinstance(one, Exchange)
    assert "answer body" in one.templated
    assert verdicts([one]) == (1, set())


@pytest.mark.parametrize("number", ["<%= number %>", "{{number}}", "<PHONE>"])
def test_template_for_the_number_is_named(number: str, tmp_path: Path) -> None:
    text = (SAMPLES / "vcr-ruby-code-as-text.yml").read_text()
    (tmp_path / "x.yml").write_text(text.replace("number=447700900000", f"number={number}"))
    (one,) = read_recordings(tmp_path / "x.yml")
    assert isinstance(one, Exchange)
    assert one.templated == ("parameter number",)
    assert verdicts([one]) == (1, set())


TRAPS = {
    "depth": b'{"log": {"entries": [' + b"[" * 1_000_000,
    "depth from the start": b"[" * 1_000_000,
    "depth of objects": b'{"a":' * 500_000,
    "yaml depth": b"interactions:\n- " + b"[" * 100_000,
    "entities": b'<!DOCTYPE items [<!ENTITY a "aaa">]><items burpVersion="1"><item><url>&a;</url></item></items>',
    "zip in zip": zipped(**{"a-zip": zipped(**{"b-har": har([lookup()])})}),
    "broken zip": b"PK\x03\x04 and no more",
    "bomb in zip": zipped(**{"a-har": b'{"log": {"x": "' + bytes(80_000_000) + b'"}}'}),
}


@pytest.mark.parametrize("name", TRAPS)
def test_trap_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(TRAPS[name])
    found = list(read_recordings(tmp_path / "x"))
    assert found
    assert all(isinstance(one, Unreadable) for one in found)


def test_aliases_do_not_multiply_a_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines of YAML can describe more text than fits into memory."""
    monkeypatch.setattr(fields, "MAX_ENTRY_BYTES", 1_000_000)
    text = "interactions:\n- a0: &a0 [xxxxxxxxxx, xxxxxxxxxx]\n"
    text += "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    text += "  request: {method: GET, uri: 'https://h/'}\n  response: {status: 200, body: {x: *a11}}\n"
    (tmp_path / "x.yaml").write_text(text)
    (one,) = read_recordings(tmp_path / "x.yaml")
    assert isinstance(one, Unreadable)
    assert "characters" in one.why


def test_broken_entry_is_skipped(tmp_path: Path) -> None:
    mappings = json.loads((SAMPLES / "wiremock-mappings.json").read_text())
    mappings["mappings"].insert(0, {"request": {"url": "/ni/basic/json"}, "response": {"status": "no number"}})
    (tmp_path / "x.json").write_text(json.dumps(mappings))
    broken, right = read_recordings(tmp_path / "x.json")
    assert isinstance(broken, Unreadable)
    assert broken.place.endswith("mapping 1")
    assert isinstance(right, Exchange)


@pytest.mark.parametrize("name", ["wiremock-mappings.json", "exvcr.json", "pact-v4.json"])
def test_stub_can_be_replayed(name: str) -> None:
    assert len(load_replay(SAMPLES / name)) == 1


def test_request_body_left_out_is_not_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Playwright's `content: "omit"` keeps the size of what a request posted, and nothing of it."""
    document = json.loads((SAMPLES / "har.har").read_text("utf-8"))
    request = document["log"]["entries"][0]["request"]
    request |= {"method": "POST", "url": request["url"].partition("?")[0], "bodySize": 58, "queryString": []}
    for media_type in ("application/x-www-form-urlencoded", "application/json"):
        request["postData"] = {"mimeType": media_type, "text": "", "params": []}
        request["headers"] = [{"name": "Content-Type", "value": media_type}]
        (tmp_path / "x.har").write_text(json.dumps(document))
        assert main(["audit", str(tmp_path / "x.har")]) == 0
        assert "1 exchanges have no recorded body of the request" in capsys.readouterr().out
