"""Requests for twenty numbers of twenty regions and every status, with the simulator's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2

from ni_contract.exchanges.credentials import Credentials
from ni_contract.simulator import RunningSimulator

NUMBERS = (
    "441632960960",
    "14155550100",
    "14165550123",
    "351210000000",
    "48221234567",
    "493012345678",
    "33142685300",
    "35722123456",
    "34666123456",
    "61291234567",
    "40211234567",
    "819012345678",
    "441534440000",
    "77172250000",
    "2252721345678",
    "18686281234",
    "5511961234567",
    "31201234567",
    "41446681800",
    "46812345678",
)
TRIGGERS = {1: "447700900001", 4: "447700900004", 9: "447700900009"}
RIGHT = {"api_key": Credentials().api_key, "api_secret": Credentials().api_secret}
BASIC = {"Authorization": f"Basic {Credentials().basic_token()}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ID = re.compile(r'(request_id(?:": "|>))[0-9a-f-]{36}')


@dataclass(frozen=True)
class Case:
    """A request, and with *status* the ordered one; *way* is how credentials are sent."""

    wanted: str
    parameters: tuple[tuple[str, str], ...]
    way: str = "query"
    status: int | None = None

    def request(self, base: str) -> dict[str, Any]:
        path = f"{base}/ni/basic/{self.wanted}"
        given = dict(self.parameters)
        if self.way in ("query", "form"):
            given = {**RIGHT, **given}
        if self.way == "form":
            return {"method": "POST", "url": path, "headers": FORM, "body": urlencode(given)}
        headers = BASIC if self.way == "basic" else {}
        return {"method": "GET", "url": f"{path}?{urlencode(given)}", "headers": headers, "body": None}


def cases(*ways: str) -> list[Case]:
    """The cases whose credentials are sent in one of *ways*: query, basic, form, none."""
    return [case for case in _all() if case.way in ways]


def _all() -> Iterator[Case]:
    for wanted in ("json", "xml"):
        for way in ("query", "form", "basic"):
            for number in NUMBERS:
                yield Case(wanted, (("number", number),), way)
            for status, number in TRIGGERS.items():
                yield Case(wanted, (("number", number),), way, status)
            yield Case(wanted, (), way)
            yield Case(wanted, (("number", "447700900003"), ("country", "US")), way)
            yield Case(wanted, (("number", "447700900005000"),), way)
        yield Case(wanted, (("number", NUMBERS[0]), ("country", "GB")), "query")
        yield Case(wanted, (("number", NUMBERS[0]),), "none")
        yield Case(wanted, (("number", NUMBERS[0]), ("api_key", "other"), ("api_secret", "wrong")), "none")


def without_id(body: str) -> str:
    """*body* with the same request id as all others."""
    return _ID.sub(r"\1ID", body)


def answers_of_the_simulator(asked: list[Case]) -> list[list[Any]]:
    """HTTP status, media type and body without its request id, for each case."""
    with RunningSimulator() as running, httpx2.Client() as client:
        base = running.url.removesuffix("/ni/basic")
        found = []
        for case in asked:
            running.script.set([] if case.status is None else [{"status": case.status}])
            request = case.request(base)
            answer = client.request(
                request["method"], request["url"], headers=request["headers"], content=request["body"]
            )
            found.append([answer.status_code, answer.headers["content-type"], without_id(answer.text)])
        return found


def told(answers: list[dict[str, Any]]) -> list[list[Any]]:
    """The same values, from the output of a client in another language."""
    return [[one["status"], one["type"], without_id(one["body"])] for one in answers]
