"""No credential is in the output, the reports or the files of Schemathesis."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from schemathesis_runs import served

from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.request_credential import credential_of
from ni_contract.exchanges.values import Answer, Request

ACCOUNT = Credentials("example-key/1", "example+secret&2", "example signature 3")
ENVIRONMENT = {
    "NI_API_KEY": ACCOUNT.api_key,
    "NI_API_SECRET": ACCOUNT.api_secret,
    "NI_SIGNATURE_SECRET": ACCOUNT.signature_secret,
}
SECRETS = [form for text in ENVIRONMENT.values() for form in (text, quote_plus(text), json.dumps(text)[1:-1])]
SECRETS += [ACCOUNT.basic_token(), b64encode(ACCOUNT.api_secret.encode()).decode()]
REPORTS = ("--report", "ndjson,vcr,har,junit,html,json,pytest,wfc", "--report-dir", "reports")


def leaks(done: Any) -> list[tuple[str, str]]:
    """Each secret in the output or in a file of the run's folder."""
    texts = {"output": done.output}
    texts |= {str(p): p.read_bytes().decode("utf-8", "replace") for p in done.folder.rglob("*") if p.is_file()}
    return [(place, secret) for place, text in texts.items() for secret in SECRETS if secret in text]


class Listener:
    """Repeats each wrong request in its answer, and records the served ones."""

    def __init__(self) -> None:
        self.kinds: set[tuple[str, str]] = set()

    def __call__(self, request: Request, answer: Answer) -> Answer:
        asked = parse_request(request)
        credential = credential_of(asked, ACCOUNT, None)
        if credential.valid:
            self.kinds.add((asked.method, credential.kind))
        told = {"status": "echo", "url": request.url, "headers": request.headers, "body": request.body.decode()}
        headers = (("content-type", "application/json"), ("x-echo", quote_plus(json.dumps(told))))
        return replace(answer, http_status=200, headers=headers, body=json.dumps(told).encode())


def test_echoed_credentials_stay_hidden(run: Any, tmp_path: Path) -> None:
    """Nothing that is printed, reported or kept holds a credential, even if the answers repeat it."""
    config = tmp_path / "schemathesis.toml"
    config.write_text(_with_cache(read_spec("schemathesis.toml")), "utf-8")
    listener = Listener()
    with served(listener) as url:
        done = run(
            url, "-n", "10", "--no-shrink", "--phases", "examples,fuzzing", *REPORTS, config=config, **ENVIRONMENT
        )
    assert done.exit_code == 1
    assert done.all("EngineFinished"), done.output
    assert listener.kinds >= {(method, kind) for method in ("GET", "POST") for kind in ("secret", "signature")}
    assert ("GET", "basic") in listener.kinds
    assert list(done.folder.glob(".schemathesis/**/crashes/*.json")), "no crash file to look into"
    assert len(list(done.folder.glob("reports/*"))) >= 4
    assert leaks(done) == []


def _with_cache(text: str) -> str:
    head, table, rest = text.partition("[cache]\n")
    return head + table + rest.replace("enabled = false", "enabled = true", 1)


@pytest.mark.parametrize("listening", [True, False])
def test_silent_server_shows_no_credential(run: Any, listening: Any) -> None:
    """A server that does not answer leads to no output of a credential."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if listening:
            taken.listen(100)
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = run(url, "-n", "2", "--request-timeout", "0.2", "--phases", "examples", *REPORTS, **ENVIRONMENT)
    assert done.exit_code == 1
    assert done.all("EngineFinished"), done.output
    assert leaks(done) == []
