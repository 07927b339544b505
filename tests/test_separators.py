"""Clients that sign are asked about a number with & and = in it, which they may send, clean or refuse."""

from __future__ import annotations

import hashlib
import re

import pytest
from mutants.right_clients import Client, SigningClient
from mutants.witnessed import run_of

from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.judge.verdicts import FAIL, WARN
from ni_contract.runs.run import Run

CASES = tuple(case for case in client_cases() if case.id in ("plain", "layout", "separators", "pieces"))


class Refusing(SigningClient):
    """A client that asks nothing about a number with other characters."""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        if re.search("[&=]", number):
            return self.failed(ValueError("no number"))
        return super().__call__(server, number, country)


class Crashing(SigningClient):
    """A client that raises at a number with other characters."""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        if re.search("[&=]", number):
            raise ValueError("no number")
        return super().__call__(server, number, country)


class Cleaning(SigningClient):
    """A client that sends digits alone."""

    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, number if country else re.sub("[^0-9]", "", number), country)


class Cutting(SigningClient):
    """A client that sends the number up to the first other character."""

    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, re.split("[&=]", number)[0], country)


class Misreplacing(SigningClient):
    """A client that signs values with & and = as *clean* leaves them."""

    def __init__(self, found: str, new: str, count: int = 0) -> None:
        self.found, self.new, self.count = found, new, count

    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        pairs = [pair for pair in super().params(server, number, country) if pair[0] != "sig"]
        values = ((name, re.sub(self.found, self.new, value, count=self.count)) for name, value in sorted(pairs))
        text = "".join(f"&{name}={value}" for name, value in values) + self.secret(server)
        return [*pairs, ("sig", hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())]


class Unencoded(SigningClient):
    """A client that sends & and = as they are."""

    def encoded(self, params: list[tuple[str, str]]) -> str:
        return super().encoded(params).replace("%26", "&").replace("%3D", "=")


def broken(run: Run) -> dict[str, str]:
    failing = (v for v in run.verdicts["documented"] if v.word in (FAIL, WARN))
    return {v.clause.id: v.failures[0].finding.actual for v in failing}


@pytest.mark.parametrize(
    "client", [SigningClient(), Misreplacing("[&=]", "_"), Refusing(), Crashing(), Cleaning(), Cutting()]
)
def test_right_clients_may_send_clean_refuse(client: Client) -> None:
    assert broken(run_of(client, CASES)) == {}


@pytest.mark.parametrize(
    ("client", "mistake"),
    [
        (Misreplacing("$^", ""), "& and = are not replaced by _"),
        (Misreplacing("&", "_"), "only & is replaced by _, not ="),
        (Misreplacing("=", "_"), "only = is replaced by _, not &"),
        (Misreplacing("[&=]", ""), "& and = are left out"),
        (Misreplacing("[&=]", "-"), "& and = are replaced by -"),
        (Misreplacing("[&=]+", "_"), "several & and = are replaced by one _"),
    ],
)
def test_wrongly_replaced_separators_are_named(client: Client, mistake: str) -> None:
    found = broken(run_of(client, CASES))
    assert list(found) == ["NIB-CLI-012"]
    assert mistake in found["NIB-CLI-012"]


def test_separators_have_to_be_encoded() -> None:
    assert {"NIB-CLI-012", "NIB-CLI-015"} <= set(broken(run_of(Unencoded(), CASES)))


class Optimist(SigningClient):
    """A client that takes every refusal of the number with & and = for a success."""

    def is_success(self, members: object) -> bool:
        return True


def test_refusal_has_to_be_reported() -> None:
    assert "NIB-CLI-027" in broken(run_of(Optimist(), CASES))


def test_others_are_not_asked() -> None:
    assert run_of(Client(), CASES).requests == len(CASES) - 1
