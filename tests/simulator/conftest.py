"""Asks the simulator in process, byte by byte, without any layer between test and ASGI app."""

from __future__ import annotations

import asyncio
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from ni_contract.simulator import Simulator, create_app

ACCOUNT = {"api_key": "n3xm0rocks", "api_secret": "12ab34cd"}
NUMBER = "441632960960"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Told:
    """An answer as the app sent it."""

    http_status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
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

    def __call__(
        self,
        method: str = "GET",
        path: str = "/ni/basic/json",
        query: str | bytes = b"",
        headers: Any = None,
        body: Any = b"",
    ) -> Told:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query if isinstance(query, bytes) else query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in (headers or {}).items()],
        }
        return asyncio.run(_told(self.app, scope, body))

    def get(self, fmt: str = "json", **params: Any) -> Told:
        return self("GET", f"/ni/basic/{fmt}", urlencode({**ACCOUNT, **params}))

    def number(self, number: str, fmt: str = "json", **params: Any) -> Told:
        return self.get(fmt, number=number, **params)

    def post(self, body: Any, content_type: str | None = FORM, fmt: str = "json", **headers: Any) -> Told:
        data = body if isinstance(body, bytes) else body.encode()
        typed = {} if content_type is None else {"content-type": content_type}
        return self("POST", f"/ni/basic/{fmt}", headers={**typed, **headers}, body=data)

    def post_json(self, members: Any, content_type: str = "application/json", **headers: Any) -> Told:
        return self.post(json.dumps({**ACCOUNT, **members}), content_type, **headers)


async def _told(app: Any, scope: Any, body: Any) -> Told:
    incoming = [{"type": "http.request", "body": body[:10], "more_body": True}]
    incoming.append({"type": "http.request", "body": body[10:], "more_body": False})
    sent = []

    async def receive() -> Any:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


Simulate = Callable[..., Asker]


@pytest.fixture
def simulate() -> Simulate:
    """A function that makes simulators with any settings."""
    return lambda **settings: Asker(create_app(**settings))


@pytest.fixture
def documented(simulate: Simulate) -> Asker:
    return simulate()


@pytest.fixture
def observed(simulate: Simulate) -> Asker:
    return simulate(edition="observed")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_795_427_367.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()
