"""Return values and exceptions of Python clients are read as outcomes, in every common form."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest

from ni_contract.drivers.client.callable_client import CallableClient, takes_country
from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.server import Server
from ni_contract.drivers.outcome_reading import outcome_of
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome

SERVER = Server(
    "http://127.0.0.1:1/ni/basic", "https://127.0.0.1:2/ni/basic", "key0", "secret0", "sign0", "ca.pem", 2.0
)
FACTS = {"country_code": "GB", "country_prefix": "44"}


class Status(IntEnum):
    NO_CREDIT = 9


@dataclass
class Refusal:
    status: int
    error_text: str


class Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__("refused")
        self.status, self.reason = status, reason


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (Outcome(True, FACTS), Outcome(True, FACTS)),
        ({"status": 0, **FACTS}, Outcome(True, {"status": 0, **FACTS}, 0)),
        ({"status": "0", **FACTS}, Outcome(True, {"status": "0", **FACTS}, 0)),
        (FACTS, Outcome(True, FACTS)),
        (SimpleNamespace(**FACTS), Outcome(True, FACTS)),
        ({"status": 4, "error_text": "no"}, Outcome(False, None, 4, "no")),
        ({"status": 4, "status_message": "no", **FACTS}, Outcome(False, None, 4, "no")),
        (Refusal(9, "no credit"), Outcome(False, None, 9, "no credit")),
        (SimpleNamespace(status=Status.NO_CREDIT, reason="x"), Outcome(False, None, 9, "x")),
        ({"status": True, **FACTS}, Outcome(False)),
        ({"status": None, **FACTS}, Outcome(True, FACTS)),
        ({"status_message": "Success", **FACTS}, Outcome(False, None, None, "Success")),
        (None, Outcome(False)),
        (False, Outcome(False)),
        (ValueError("half a body"), Outcome(False, None, None, "half a body")),
        (Refused(4, "Invalid credentials"), Outcome(False, None, 4, "refused Invalid credentials")),
    ],
)
def test_an_outcome_is_read(told: Any, outcome: Outcome) -> None:
    assert outcome_of(told) == outcome


@pytest.mark.parametrize("told", ["text", 42, b"{}", {}, {"country": "GB"}, object()])
def test_undocumented_names_are_unreadable(told: Any) -> None:
    """A value without a documented name is unreadable."""
    found = outcome_of(told)
    assert isinstance(found, MissingOutcome)
    assert f"returned a {type(told).__name__} without any of the documented names" in found.message


@pytest.mark.parametrize(
    ("lookup", "way"),
    [
        (lambda server, number: 0, ""),
        (lambda server, number, country: 0, "by name"),
        (lambda server, number, *, country=None: 0, "by name"),
        (lambda server, number, iso=None: 0, "by place"),
        (lambda *args: 0, "by place"),
        (lambda server, number, **more: 0, "by name"),
    ],
)
def test_country_parameter_is_detected(lookup: Callable[..., Any], way: str) -> None:
    assert takes_country(lookup) == way


@pytest.mark.parametrize("seconds", [0.05])
def test_hanging_function_is_late_once(seconds: float) -> None:
    async def look_up(_server: Server, number: str, country: str | None = None) -> Any:
        await asyncio.sleep(60 if country else 0)
        return FACTS

    client = CallableClient(look_up, SERVER)
    late = client.ask(Lookup("1", "GB"), Patience(seconds))
    assert isinstance(late, MissingOutcome)
    assert late.kind == "late"
    assert client.ask(Lookup("1"), Patience(60)) == Outcome(True, FACTS)
    client.close()


def test_one_event_loop_serves_all_lookups() -> None:
    loops = []

    async def look_up(_server: Server, _number: str) -> Any:
        loops.append(asyncio.get_running_loop())
        return FACTS

    client = CallableClient(look_up, SERVER)
    for _ in range(3):
        client.ask(Lookup("1"), Patience(60))
    client.close()
    assert len(set(loops)) == 1


def test_exiting_function_is_a_crash() -> None:
    def look_up(_server: Server, _number: str) -> Any:
        raise SystemExit(3)

    client = CallableClient(look_up, SERVER)
    told = client.ask(Lookup("1"), Patience(60))
    client.close()
    assert told == MissingOutcome("crash", "the client raised SystemExit, which ends a program")


def test_reader_without_outcome_is_reported() -> None:
    """A reader that returns no outcome is reported."""
    client = CallableClient(lambda server, number: FACTS, SERVER, lambda told: told)
    told = client.ask(Lookup("1"), Patience(60))
    client.close()
    assert told == MissingOutcome("unreadable", "ni_outcome returned a dict, not an Outcome")


def test_raising_reader_is_reported() -> None:
    client = CallableClient(lambda server, number: FACTS, SERVER, lambda told: told["status"])
    told = client.ask(Lookup("1"), Patience(60))
    client.close()
    assert told == MissingOutcome("unreadable", "ni_outcome raised KeyError: 'status'")


def test_server_and_outcome_hide_secrets() -> None:
    """A server and an outcome show no secrets."""
    shown = repr(SERVER) + repr(Outcome(True, {"api_secret": "secret0"}))
    assert not any(secret in shown for secret in ("key0", "secret0", "sign0"))
    assert (SERVER.host, SERVER.https_host) == ("127.0.0.1:1", "127.0.0.1:2")
