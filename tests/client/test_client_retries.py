"""An answer Busy is a result, or is retried as often as the client is told."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from client.client_forms import (
    FLAVOURS,
    NOW,
    Way,
    ask,
)
from client.test_client_requests import BUSY, KEY, Api
from reference_answer import SUCCESS

from ni_contract.client import AsyncClient, Busy, Client, Signed, Success


def slept(flavour: str, api: Api, retries: int, **settings: Any) -> tuple[object, list[float]]:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    sleep: Any = pauses.append if flavour == "sync" else pause
    settings |= {"busy_retries": retries, "sleep": sleep}
    return ask(flavour, Way("lookup_json"), KEY, "441632960960", handler=api, **settings), pauses


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_busy_is_result_without_retries(flavour: str) -> None:
    api = Api(BUSY, SUCCESS)
    result, pauses = slept(flavour, api, 0)
    assert isinstance(result, Busy)
    assert (len(api.requests), pauses) == (1, [])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_busy_is_retried_until_served(flavour: str) -> None:
    api = Api(BUSY, BUSY, SUCCESS)
    result, pauses = slept(flavour, api, 5, busy_delay=0.25)
    assert isinstance(result, Success)
    assert (len(api.requests), pauses) == (3, [0.25, 0.25])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_retries_have_a_bound(flavour: str) -> None:
    api = Api(BUSY)
    result, pauses = slept(flavour, api, 3)
    assert isinstance(result, Busy)
    assert (len(api.requests), pauses) == (4, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("status", [3, 4, 5, 9, 19, 999])
def test_nothing_but_busy_is_retried(flavour: str, status: int) -> None:
    api = Api({"status": status, "error_text": "no"})
    slept(flavour, api, 3)
    assert len(api.requests) == 1


def test_a_retry_is_signed_anew() -> None:
    now = iter(range(NOW, NOW + 10))
    signed = Signed("key", "secret", "hmac-sha256", lambda: next(now))
    api = Api(BUSY, SUCCESS)
    with Client(
        signed, "http://a", transport=httpx2.MockTransport(api), busy_retries=1, sleep=lambda _: None
    ) as client:
        client.lookup("441632960960")
    first, second = (dict(parse_qsl(str(request.url.query, "ascii"))) for request in api.requests)
    assert (first["timestamp"], second["timestamp"]) == (str(NOW), str(NOW + 1))
    assert first["sig"] != second["sig"]


def test_the_async_client_sleeps_without_blocking() -> None:
    async def lookups() -> list[float]:
        api = Api(BUSY, SUCCESS)
        transport = httpx2.MockTransport(api)
        async with AsyncClient(KEY, "http://a", transport=transport, busy_retries=1, busy_delay=0.01) as client:
            await client.lookup("441632960960")
        return [len(api.requests)]

    assert asyncio.run(lookups()) == [2]
