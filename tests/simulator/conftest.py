"""Asks the simulator in process, byte by byte, with nothing between the test and the ASGI app."""

from __future__ import annotations

import asyncio
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from ni_contract.simulator import Simulator, create_app

ACCOUNT = {"api_key": "n3xm0rocks", "api_secret": "12ab34cd"}
NUMBER = "441632960960"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Told:
    """An answer as it left the app."""

    http_status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)  # noqa: S314 - it is our own

    @property
    def status(self) -> int:
        return self.json["status"]


class Asker:
    """One simulator, and the ways to ask it."""

    def __init__(self, app: Simulator) -> None:
        self.app = app

    def __call__(self, method="GET", path="/ni/basic/json", query=b"", headers=None, body=b"") -> Told:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query if isinstance(query, bytes) else query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in (headers or {}).items()],
        }
        return asyncio.run(_told(self.app, scope, body))

    def get(self, fmt="json", **params) -> Told:
        return self("GET", f"/ni/basic/{fmt}", urlencode({**ACCOUNT, **params}))

    def number(self, number, fmt="json", **params) -> Told:
        return self.get(fmt, number=number, **params)

    def post(self, body, content_type=FORM, fmt="json", **headers) -> Told:
        data = body if isinstance(body, bytes) else body.encode()
        typed = {} if content_type is None else {"content-type": content_type}
        return self("POST", f"/ni/basic/{fmt}", headers={**typed, **headers}, body=data)

    def post_json(self, members, content_type="application/json", **headers) -> Told:
        return self.post(json.dumps({**ACCOUNT, **members}), content_type, **headers)

    def post_form(self, content_type=FORM, fmt="json", **params) -> Told:
        return self.post(urlencode({**ACCOUNT, **params}), content_type, fmt)


async def _told(app, scope, body) -> Told:
    incoming = [{"type": "http.request", "body": body[:10], "more_body": True}]
    incoming.append({"type": "http.request", "body": body[10:], "more_body": False})
    sent = []

    async def receive():
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture
def simulate():
    """A maker of simulators of any settings, ready to be asked."""
    return lambda **settings: Asker(create_app(**settings))


@pytest.fixture
def documented(simulate):
    return simulate()


@pytest.fixture
def observed(simulate):
    return simulate(edition="observed")


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_795_427_367.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()
