"""Copies by `audit --rewrite` contain no secret, in any spelling or encoding; else none is made."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from thoroughness import draws

from ni_contract.cli import main

pytestmark = pytest.mark.slow

SECRET = "Zq7pLm2XsW9k"
OK = '{"status":0,"status_message":"Success"}'
BASE = "https://api.nexmo.com/ni/basic/json?number=447700900000"


def entry(url: str = BASE, headers: dict[str, str] | None = None, body: str = "", answer: str = OK) -> dict[str, Any]:
    return {
        "method": "POST" if body else "GET",
        "url": url,
        "request_headers": headers or {},
        "request_body": body,
        "http_status": 200,
        "answer_headers": {"content-type": "application/json"},
        "answer_body": answer,
    }


def har_of(content: dict[str, Any], headers: list[dict[str, str]] | None = None) -> str:
    request = {"method": "GET", "url": f"{BASE}&api_key=abcd1234&api_secret={SECRET}", "headers": headers or []}
    response = {"status": 200, "headers": [], "content": content}
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}})


def copied(text: str | bytes, name: str = "log.jsonl") -> bytes | None:
    """The copy of a recording by `--rewrite`; None where none is made."""
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    assert main(["audit", name, "--rewrite", "copies"]) in (0, 1, 3)
    found = Path("copies") / name
    return found.read_bytes() if found.exists() else None


def deep(data: bytes, layers: int = 3) -> list[bytes]:
    """*data* and its decoded content, by code independent of the product."""
    found = [data, data.replace(b"\0", b"")]
    if layers:
        for start in (i for i in range(len(data)) if data[i : i + 2] in (b"\x1f\x8b", b"\x78\x9c")):
            inflater = zlib.decompressobj(47)
            try:
                found += deep(inflater.decompress(data[start:]), layers - 1)
            except zlib.error:
                continue
        text = data.decode("latin-1")
        for word in "".join(c if c.isalnum() or c in "+/=" else " " for c in text.replace("\\n", "")).split():
            if len(word) >= 16:
                found += deep(base64.b64decode(word + "=" * (-len(word) % 4)), layers - 1) if _is_base64(word) else []
    return found


def _is_base64(word: str) -> bool:
    try:
        base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
    except ValueError:
        return False
    return True


def shows(data: bytes | None, secret: str = SECRET) -> bool:
    return data is not None and any(secret.encode() in inner for inner in deep(data))


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_many_accounts_leave_no_secret() -> None:
    accounts = [(f"key{n:05d}", f"S{n * 7919:07d}x{n:04d}") for n in range(draws(40, 300))]
    rows = [
        entry(f"{BASE}&api_key={key}&api_secret={secret}", answer=json.dumps({"status": 4, "echo": f"no {secret}"}))
        for key, secret in accounts
    ]
    rows.append(entry(answer=json.dumps({"echo": [secret for _, secret in accounts]})))
    copy = copied("\n".join(map(json.dumps, rows)))
    assert copy is not None
    assert not [secret for account in accounts for secret in account if secret.encode() in copy]


@pytest.mark.parametrize(
    "row",
    [
        entry(headers={"X-Api-Secret": SECRET}, answer=f'{{"echo":"{SECRET}"}}'),
        entry(headers={"Nexmo-Secret": SECRET}, answer=f'{{"echo":"{SECRET}"}}'),
        entry(headers={"Nexmo-Api-Key": SECRET}),
        entry(f"{BASE}&api_secret%5B%5D={SECRET}", answer=f'{{"echo":"{SECRET}"}}'),
        entry(f"{BASE}&api_secret[]={SECRET}"),
        entry(f"{BASE}&apiSecret={SECRET}", answer=f"<b>{SECRET}</b>"),
        entry(body=json.dumps({"apiSecret": SECRET}), headers={"content-type": "application/json"}),
        entry(body=json.dumps({"a": [{"api-secret": [SECRET]}]}), headers={"content-type": "application/json"}),
        entry(body=f"<r><api_secret>{SECRET}</api_secret></r>", headers={"content-type": "text/xml"}),
        entry(
            body=f'--b\r\nContent-Disposition: form-data; name="api_secret"\r\n\r\n{SECRET}\r\n--b--\r\n',
            headers={"content-type": "multipart/form-data; boundary=b"},
            answer=f'{{"echo":"{SECRET}"}}',
        ),
        entry(f"{BASE}&api_secret={SECRET}", answer=base64.b64encode(f"a {SECRET} b".encode()).decode()),
        entry(f"{BASE}&api_secret={SECRET}", answer=base64.b64encode(gzip.compress(SECRET.encode())).decode()),
        entry(f"{BASE}&api_secret={SECRET}", answer=quote(base64.b64encode(zlib.compress(SECRET.encode() * 9)))),
        entry(f"{BASE}&api_secret={SECRET}", answer=SECRET.encode().hex()),
        entry(f"{BASE}&api_secret={SECRET}", answer=SECRET.encode("utf-16-le").decode("latin-1")),
        entry(f"{BASE}&api_secret={SECRET}", answer="".join(f"\\u{ord(c):04x}" for c in SECRET)),
        entry(answer=json.dumps({"inner": json.dumps({"api_secret": SECRET})})),
    ],
)
def test_no_spelling_or_packing_is_copied(row: dict[str, Any]) -> None:
    assert not shows(copied(json.dumps(row)))


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(json.dumps({"echo": SECRET}).encode()),
        zlib.compress(json.dumps({"echo": SECRET}).encode()),
        json.dumps({"echo": SECRET}).encode("utf-16"),
        json.dumps({"echo": SECRET}).encode("utf-16-be"),
        json.dumps({"echo": SECRET}).encode("utf-32"),
        gzip.compress(base64.b64encode(gzip.compress(SECRET.encode()))),
    ],
    ids=["gzip", "zlib", "utf-16", "utf-16-be", "utf-32", "gzip in Base64 in gzip"],
)
def test_packed_har_bodies_are_masked(body: bytes) -> None:
    content = {"size": len(body), "mimeType": "application/json", "encoding": "base64"}
    copy = copied(har_of({**content, "text": base64.b64encode(body).decode()}), "traffic.har")
    assert copy is not None
    assert not shows(copy)


def test_packed_cassette_body_is_masked() -> None:
    yaml = pytest.importorskip("yaml")
    packed = gzip.compress(json.dumps({"echo": SECRET}).encode())
    interaction = {
        "request": {"method": "GET", "uri": f"{BASE}&api_secret={SECRET}", "body": None, "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Encoding": ["gzip"], "Content-Type": ["application/json"]},
            "body": {"string": packed},
        },
    }
    copy = copied(yaml.safe_dump({"interactions": [interaction], "version": 1}), "tape.yaml")
    assert copy is not None
    body = yaml.safe_load(copy)["interactions"][0]["response"]["body"]["string"]
    assert json.loads(gzip.decompress(body)) == {"echo": "***"}


def test_undecodable_body_is_not_copied(capsys: pytest.CaptureFixture[str]) -> None:
    # Not brotli, but as unreadable.
    strange = bytes((n * 151 + 97) % 256 for n in range(300))
    content = {"size": 300, "mimeType": "application/json", "encoding": "base64"}
    assert copied(har_of({**content, "text": base64.b64encode(strange).decode()}), "traffic.har") is None
    assert "traffic.har: not copied, for it cannot be shown to be free of secrets" in capsys.readouterr().err
    assert main(["audit", "traffic.har", "--fail-on", "secrets", "--only", "NIB-SEC-003", "--rewrite", "more"]) == 1
    assert main(["audit", "traffic.har", "--fail-on", "secrets", "--only", "NIB-SEC-003"]) == 0


def test_signature_without_its_name_is_masked() -> None:
    sig = "28d248306b16b2b59615089424e18953"
    copy = copied(json.dumps(entry(f"{BASE}&api_key=abcd1234&timestamp=1&sig={sig}", answer=f'{{"bad":"{sig}"}}')))
    assert copy is not None
    assert sig.encode() not in copy


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"name": "api_secret", "value": SECRET}]),
        json.dumps({"key": "clientSecret", "value": SECRET}),
        f'<r api_secret="{SECRET}"/>',
        f"<api_secret><![CDATA[{SECRET}]]></api_secret>",
        f"<n:api_secret xmlns:n='u'>{SECRET}</n:api_secret>",
        f"<name>api_secret</name><value>{SECRET}</value>",
        f"api_secret: {SECRET}\n",
        f"api_secret = {SECRET}",
        f"{{'api_secret': '{SECRET}'}}",
        f'{{:api_secret=>"{SECRET}"}}',
        f'array("api_secret" => "{SECRET}")',
        f's:10:"api_secret";s:12:"{SECRET}";',
        f'mutation {{ a(apiSecret: "{SECRET}") }}',
        f"curl -u abcd1234:{SECRET} https://api.nexmo.com",
        f"--b\r\nContent-Disposition: form-data; name=api_secret\r\n\r\n{SECRET}\r\n--b--",
        f"--b\r\nContent-Disposition: form-data; name*=UTF-8''api_secret\r\n\r\n{SECRET}\r\n--b--",
        f"https://rest.nexmo.com/account/get-balance/abcd1234/{SECRET}",
    ],
)
def test_secrets_in_other_notations_are_removed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a copy nor the output contains a secret that is nowhere written as a parameter."""
    assert not shows(copied(json.dumps(entry(body=text, headers={"content-type": "text/plain"}))))
    assert not shows(copied(json.dumps(entry(answer=text)), "answer.jsonl"))
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err


@pytest.mark.parametrize(
    "name",
    ["client_secret", "clientSecret", "user[api_secret]", "auth[secret]", "apiSecretKey", "password", "access_token"],
)
def test_names_of_other_secrets_are_masked(name: str) -> None:
    assert not shows(copied(json.dumps(entry(f"{BASE}&{name}={SECRET}"))))
    assert not shows(copied(json.dumps(entry(body=json.dumps({name: SECRET}))), "body.jsonl"))


def test_table_with_secrets_makes_no_copy() -> None:
    assert copied(json.dumps(entry(answer=f"a,api_secret\nb,{SECRET}\n"))) is None


@pytest.mark.parametrize("name", ["X-Auth-Token", "X-Access-Token", "X-Amz-Meta-Api-Secret", "clientSecret"])
def test_headers_of_other_secrets_are_masked(name: str) -> None:
    assert not shows(copied(json.dumps(entry(headers={name: SECRET}))))


@pytest.mark.parametrize(
    "disguise",
    [
        codecs.encode(SECRET, "rot13"),
        SECRET[::-1],
        base64.b32encode(f"a {SECRET} b".encode()).decode(),
        base64.b85encode(f"a {SECRET} b".encode()).decode(),
        base64.a85encode(f"a {SECRET} b".encode()).decode(),
        f"{SECRET[:5]}=\r\n{SECRET[5:]}",
        "\n".join(SECRET),
    ],
)
def test_disguised_secrets_make_no_copy(disguise: str) -> None:
    assert copied(json.dumps(entry(f"{BASE}&api_secret={SECRET}", answer=disguise))) is None


def test_padding_between_lines_is_read() -> None:
    """Base64 whose first line is padded, with five letters on the next."""
    text = "api_key=\naBcDeFgHiJkL==\naBcDe"
    content = {"size": 40, "mimeType": "text/plain", "encoding": "base64"}
    assert copied(har_of({**content, "text": base64.b64encode(text.encode()).decode()}), "traffic.har") is not None


@pytest.mark.parametrize(
    "written",
    [
        {
            "auth": {
                "type": "basic",
                "basic": [{"key": "username", "value": "abcd"}, {"key": "password", "value": SECRET}],
            }
        },
        {
            "auth": {
                "apikey": [{"key": "key", "value": "api_secret"}, {"key": "value", "value": SECRET, "type": "string"}]
            }
        },
        {"request": {"body": {"urlencoded": [{"key": "api_secret", "value": SECRET}]}}},
        {"variable": [{"key": "nexmo_api_secret", "value": SECRET}]},
        {"Variable": [{"Key": "api_secret", "Value": SECRET}]},
        {"queryParameters": {"api_secret": {"equalTo": SECRET}}},
        {"headers": {"Authorization": {"or": [{"equalTo": f"Bearer {SECRET}"}]}}},
    ],
    ids=lambda written: next(iter(written)),
)
def test_document_without_exchange_has_no_secret(written: dict[str, Any]) -> None:
    """A collection of requests without a saved answer has no exchange, and secrets all the same."""
    document = {"info": {"name": "a"}, "item": [{"name": "b", "request": {"method": "GET", "url": BASE}}], **written}
    copy = copied(json.dumps(document), "collection.json")
    assert copy is not None
    assert not shows(copy)


@pytest.mark.parametrize("ends", [b"", SECRET.encode()], ids=["without", "with the secret"])
def test_large_picture_is_copied_without_secret(ends: bytes) -> None:
    """A browser's recording holds megabytes of pictures, which are searched for the secrets as they are."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500 + ends
    content = {"encoding": "base64", "text": base64.b64encode(picture).decode(), "mimeType": "image/png"}
    copy = copied(har_of(content), "x.har")
    assert (copy is None) == bool(ends)
    assert copy is None or base64.b64encode(picture) in copy
