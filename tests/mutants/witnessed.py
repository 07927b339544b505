"""Runs a client through all lookups, at a simulator of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.cases import Case, client_cases
from ni_contract.drivers.client.witness import drive
from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.exchanges.credentials import Credentials
from ni_contract.pytest_plugin.client_runs import client_stages
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness

ACCOUNT = Credentials()
# Long enough for a busy machine to answer, and short because some answers never come.
TIMEOUT = 5.0
# Of the lookups in spec/counterexamples.json, which a person writes.
WRITTEN_TIMEOUT = 1.5
# The lookups that are answered at once: a client is not waited for, however long its time-out.
ANSWERED = tuple(case for case in client_cases() if not (case.is_silent or case.slow or case.pause))


def run_of(client: Callable[..., Any], cases: tuple[Case, ...] = client_cases()) -> Run:
    """The run of `witness` for *client*, by the lookups *cases*."""
    plan = ClientPlan(ACCOUNT, load_catalogue().select("client"), timeout=TIMEOUT, cases=cases)
    with client_stages(client, ACCOUNT, TIMEOUT) as (stage, elsewhere):
        return witness("a client", stage, plan, elsewhere=elsewhere)


def lookups_of(client: Callable[..., Any]) -> tuple[LookupRecord, ...]:
    with client_stages(client, ACCOUNT, WRITTEN_TIMEOUT) as (stage, elsewhere):
        return drive(stage, client_cases(), WRITTEN_TIMEOUT, elsewhere=elsewhere)
