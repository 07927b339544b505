"""The run of a `ClientContract`: one a class, at a simulator of its own."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.callable_client import CallableClient, takes_country
from ni_contract.drivers.client.cases import Case
from ni_contract.drivers.client.printed import printed_here
from ni_contract.drivers.client.server import server_of
from ni_contract.drivers.client.stage import ClientStage, Elsewhere, LookupWatch
from ni_contract.errors import UsageError
from ni_contract.exchanges.client_features import parse_client_features
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.judge.deviations import read_all_deviations
from ni_contract.pytest_plugin.options import repeat_line
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness
from ni_contract.simulator import RunningSimulator, Settings

_COUNTRY = frozenset({"country"})


def client_run(
    request: pytest.FixtureRequest,
    clause_id: str,
    lookup: Callable[..., Any],
    outcome: Callable[[Any], Outcome] | None,
    account: Credentials,
) -> Run:
    """The run of the client *lookup* for the class of the calling test, which is about *clause_id*."""
    if not callable(lookup):
        raise UsageError(
            f"ni_client returned a {type(lookup).__name__}; return a function of (server, number, country)"
        )
    name, plan = request.cls.__name__, _plan(request, account)
    if not takes_country(lookup):
        plan = replace(plan, excluded=plan.excluded | _COUNTRY)
    with masked_logs(account.redactor()), client_stages(lookup, account, plan.timeout, outcome) as (stage, elsewhere):
        run = witness(name, stage, plan, elsewhere=elsewhere)
    return replace(run, repeat=repeat_line(request, clause_id), deviation_target=name)


@contextmanager
def client_stages(
    lookup: Callable[..., Any], account: Credentials, timeout: float, outcome: Callable[[Any], Outcome] | None = None
) -> Iterator[tuple[ClientStage, Elsewhere]]:
    """The client *lookup* at a simulator, and at others with a certificate that must not be trusted."""

    @contextmanager
    def stage(ca_file: str = "", other_host: str = "", closed: bool = False) -> Iterator[tuple[ClientStage, str]]:
        watch = LookupWatch()
        settings, hooks = Settings(credentials=account, record=watch.record), (watch.note_tls_fault, watch.note_unread)
        with RunningSimulator(settings, True, other_host, *hooks, closed) as simulator:
            server = server_of(simulator, timeout)
            client = CallableClient(lookup, replace(server, ca_file=ca_file or server.ca_file), outcome)
            with closing(client), printed_here() as printed:
                yield ClientStage(client.ask, simulator.script, watch, printed), server.ca_file

    @contextmanager
    def untrusted(case: Case) -> Iterator[ClientStage]:
        with stage("" if case.other_host else ca_file, case.other_host, case.closed) as (other, _):
            yield other

    with stage() as (first, ca_file):
        yield first, Elsewhere(untrusted, beside=False)


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
