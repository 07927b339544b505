"""Recordings made of exchanges that are right, or broken in known ways."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from ni_contract.contract.spec_files import read_spec
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.formats.jsonl import row_of
from ni_contract.simulator.lookup import ApiResult, look_up, refusal
from ni_contract.simulator.render import render

ACCOUNT = Credentials("abcd1234", "s3cretS3cret", "signatureSecret")
SECRETS = f"api_key={ACCOUNT.api_key}&api_secret={ACCOUNT.api_secret}"
URL = "https://api.nexmo.com/ni/basic"
COLUMNS = tuple(json.loads(read_spec("recording.schema.json"))["properties"])


def answer_of(outcome: ApiResult, wanted: str = "json", edition: str = "documented") -> Answer:
    template = render(outcome, edition, wanted)
    return Answer(200, (("Content-Type", template.content_type.decode()),), template.body())


def lookup(number: str = "447700900000", wanted: str = "json", sent_at: float = 1_795_427_367.0) -> Exchange:
    """A right lookup of *number* with the credentials of ACCOUNT."""
    request = Request("GET", f"{URL}/{wanted}?number={number}&{SECRETS}", (("Accept", "*/*"),))
    return Exchange(request, answer_of(look_up(number, None, "documented"), wanted), "", sent_at)


def refused(status: int = 4, number: str = "447700900000") -> Exchange:
    return Exchange(Request("GET", f"{URL}/json?number={number}&{SECRETS}"), answer_of(refusal(status)), "", 1.8e9)


def lying(number: str = "447700900001", **changes: Any) -> Exchange:
    """A lookup whose answer has other values for the keys in *changes*."""
    right = lookup(number)
    assert isinstance(right.answer, Answer)
    body = json.loads(right.answer.body) | {"request_id": str(uuid4())} | changes
    return Exchange(right.request, Answer(200, right.answer.headers, json.dumps(body).encode()), "", right.sent_at)


def jsonl(exchanges: Iterable[Exchange]) -> bytes:
    """A JSONL file of *exchanges*."""
    return "".join(json.dumps(row_of(exchange)) + "\n" for exchange in exchanges).encode()


def entry_of(exchange: Exchange) -> dict[str, Any]:
    """*exchange* as an entry of a HAR document."""
    request, answer = exchange.request, exchange.answer
    assert isinstance(answer, Answer)
    posted = {"mimeType": "application/x-www-form-urlencoded", "text": request.body.decode()}
    return {
        "startedDateTime": "2026-11-23T10:29:27.000Z",
        "time": 12,
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name, "value": value} for name, value in request.headers],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(request.body),
            **({"postData": posted} if request.body else {}),
        },
        "response": {
            "status": answer.http_status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name, "value": value} for name, value in answer.headers],
            "cookies": [],
            "content": {"size": len(answer.body), "mimeType": "application/json", "text": answer.body.decode()},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(answer.body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0},
    }


def har(exchanges: Iterable[Exchange], indent: int | None = 2) -> bytes:
    """A HAR document of *exchanges*."""
    creator = {"name": "test", "version": "1"}
    log = {"version": "1.2", "creator": creator, "pages": [], "entries": [entry_of(one) for one in exchanges]}
    return json.dumps({"log": log}, indent=indent).encode()
