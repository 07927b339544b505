"""The run of a `ClientContract`: one a class, at a simulator of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.callable_client import CallableClient
from ni_contract.drivers.client.server import Server, server_of
from ni_contract.drivers.client.stage import ClientStage, Elsewhere, LookupWatch
from ni_contract.errors import UsageError
from ni_contract.exchanges.client_features import parse_client_features
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.pytest_plugin.options import repeat_line
from ni_contract.pytest_plugin.provider_runs import judge_clause
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator import RunningSimulator, Settings

_COUNTRY = frozenset({"country"})


def judge_client(
    request: pytest.FixtureRequest,
    clause_id: str,
    lookup: Callable[..., Any],
    outcome: Callable[[Any], Outcome] | None,
    account: Credentials,
) -> None:
    """Ends the calling test by the verdict on *clause_id*; the first clause of a class asks the client *lookup*."""
    judge_clause(request, clause_id, account, lambda: _run(request, clause_id, lookup, outcome, account))


def _run(
    request: pytest.FixtureRequest,
    clause_id: str,
    lookup: Callable[..., Any],
    outcome: Callable[[Any], Outcome] | None,
    account: Credentials,
) -> Run:
    if not callable(lookup):
        raise UsageError(
            f"ni_client returned a {type(lookup).__name__}; return a function of (server, number, country)"
        )
    name, plan = request.cls.__name__, _plan(request, account)
    watch = LookupWatch()
    settings = Settings(credentials=account, record=watch.record)
    with masked_logs(account.redactor()), RunningSimulator(settings, tls=True) as simulator:
        server = server_of(simulator, plan.timeout)
        client = CallableClient(lookup, server, outcome)
        elsewhere = Elsewhere(lambda _trusted: untrusted_stage(lookup, server, account, outcome), beside=False)
        if not client.takes_country:
            plan = replace(plan, excluded=plan.excluded | _COUNTRY)
        try:
            run = witness(name, ClientStage(client.ask, simulator.script, watch), plan, elsewhere=elsewhere)
        finally:
            client.close()
    again = repeat_line(request.config, request.node.nodeid.replace(clause_id, "CLAUSE"), is_suite=False)
    return replace(run, repeat=again, deviation_target=name)


@contextmanager
def untrusted_stage(
    lookup: Callable[..., Any], server: Server, account: Credentials, outcome: Callable[[Any], Outcome] | None = None
) -> Iterator[ClientStage]:
    """The client *lookup* at another simulator, with a certificate that the CA of *server* did not sign."""
    watch = LookupWatch()
    with RunningSimulator(Settings(credentials=account, record=watch.record), tls=True) as simulator:
        other = replace(server_of(simulator, server.timeout), ca_file=server.ca_file)
        client = CallableClient(lookup, other, outcome)
        try:
            yield ClientStage(client.ask, simulator.script, watch)
        finally:
            client.close()


def _plan(request: pytest.FixtureRequest, account: Credentials) -> ClientPlan:
    claimed, excluded = parse_client_features(request.cls.ni_features)
    return ClientPlan(
        account=account,
        clauses=load_catalogue().select("client"),
        deviations=read_all_deviations(request.config.getoption("ni_deviations")),
        claimed=claimed,
        excluded=excluded,
        timeout=request.cls.ni_timeout,
    )
