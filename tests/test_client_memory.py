"""What a client keeps from one lookup to the next: answers, failures, and the time that is left."""

from __future__ import annotations

import http.client
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from mutants.right_clients import RIGHT, Client
from test_client_faults import broken, run_of

from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome

pytestmark = pytest.mark.slow


class KeepsOutcomes(Client):
    """A client that keeps its successes, which is right, or else its failures, by number and country."""

    def __init__(self, *, successes: bool) -> None:
        self._successes = successes
        self.kept: dict[tuple[str, str | None], Outcome] = {}

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = self.kept.get((number, country)) or super().__call__(server, number, country)
        if told.ok == self._successes:
            self.kept[number, country] = told
        return told


class HasOneDeadline(Client):
    """A client whose time-out begins with its first connection, and that gives up at once when it is over."""

    opened: float | None = None

    def connection(self, server: Server) -> http.client.HTTPConnection:
        if self.left(server) <= 0:
            raise TimeoutError("no answer in time")
        return super().connection(server)

    def left(self, server: Server) -> float:
        self.opened = self.opened or time.monotonic()
        return self.opened + server.timeout - time.monotonic()


class HurriesAfterItsDeadline(HasOneDeadline):
    """A client of that kind that asks all the same, and waits a millisecond."""

    def connection(self, server: Server) -> http.client.HTTPConnection:
        seconds = max(self.left(server), 0.001)
        return http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=seconds)


def test_answers_may_be_kept() -> None:
    client = KeepsOutcomes(successes=True)
    assert not broken(run_of(client))
    assert len(client.kept) > 40


def test_failures_are_not_kept() -> None:
    found = broken(run_of(KeepsOutcomes(successes=False)))
    assert found.keys() == {"NIB-CLI-016"}
    assert "are failures kept?" in found["NIB-CLI-016"]


def test_idle_client_goes_on() -> None:
    """A client that was idle for longer than its time-out has its whole time-out for the next lookup."""
    cases = [replace(case, after="") for case in client_cases() if case.id in ("digits", "after-pause")]
    assert broken(run_of(HasOneDeadline(), cases)).keys() == {"NIB-CLI-016"}
    assert broken(run_of(HurriesAfterItsDeadline(), cases)).keys() == {"NIB-CLI-023"}
    assert not broken(run_of(RIGHT["GET of JSON"], cases))
