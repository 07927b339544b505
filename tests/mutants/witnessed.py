"""Runs a client through all lookups, at a simulator of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.callable_client import CallableClient
from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.client.server import server_of
from ni_contract.drivers.client.stage import ClientStage, Elsewhere, LookupWatch
from ni_contract.drivers.client.witness import drive
from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.exchanges.credentials import Credentials
from ni_contract.pytest_plugin.client_runs import untrusted_stage
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator import RunningSimulator, Settings

ACCOUNT = Credentials()
# Long enough for a busy machine to answer, and short because some answers never come.
TIMEOUT = 1.5


@contextmanager
def _asked(client: Callable[..., Any]) -> Iterator[tuple[ClientStage, Elsewhere]]:
    watch = LookupWatch()
    with RunningSimulator(Settings(credentials=ACCOUNT, record=watch.record), tls=True) as simulator:
        server = server_of(simulator, TIMEOUT)
        asked = CallableClient(client, server)
        elsewhere = Elsewhere(lambda _trusted: untrusted_stage(client, server, ACCOUNT), beside=False)
        try:
            yield ClientStage(asked.ask, simulator.script, watch), elsewhere
        finally:
            asked.close()


def run_of(client: Callable[..., Any]) -> Run:
    """The run of *client*."""
    plan = ClientPlan(ACCOUNT, load_catalogue().select("client"), timeout=TIMEOUT)
    with _asked(client) as (stage, elsewhere):
        return witness("a client", stage, plan, elsewhere=elsewhere)


def lookups_of(client: Callable[..., Any]) -> tuple[LookupRecord, ...]:
    """The recorded lookups of *client*."""
    with _asked(client) as (stage, elsewhere):
        return drive(stage, client_cases(), TIMEOUT, elsewhere=elsewhere)
