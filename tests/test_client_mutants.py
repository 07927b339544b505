"""Each clause about clients has a whole client that fails only it; right clients fail nothing."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mutants.lookups import FALLS_WITH, MUTANTS
from mutants.right_clients import RIGHT, HttpsClient
from mutants.witnessed import run_of

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.drivers.client.server import Server
from ni_contract.judge.verdicts import FAIL, WARN
from ni_contract.runs.run import Run

pytestmark = pytest.mark.slow

CLAUSES = load_catalogue().select("client")
# Most of the time is spent waiting for answers that never come.
AT_A_TIME = 20
GROUPS = 4
WANTED: dict[str, set[str]] = {
    "no host name": {"NIB-CLI-059"},
    **{name: set() for name in RIGHT},
    **{clause_id: {clause_id, *FALLS_WITH.get(clause_id, ())} for clause_id in MUTANTS},
}


def runs_of(clients: Mapping[str, Callable[..., Any]]) -> dict[str, Run]:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(zip(clients, pool.map(run_of, clients.values()), strict=True))


def broken(run: Run) -> set[str]:
    return {v.clause.id for edition in EDITIONS for v in run.verdicts[edition] if v.word in (FAIL, WARN)}


def test_client_clauses_have_a_mutant() -> None:
    assert set(MUTANTS) == {clause.id for clause in CLAUSES}


class ChecksNoHostName(HttpsClient):
    """A client that takes a certificate for another host."""

    def context(self, server: Server) -> ssl.SSLContext:
        context = super().context(server)
        context.check_hostname = False
        return context


@pytest.mark.parametrize("group", range(GROUPS))
def test_clients_fail_only_their_clause(group: int) -> None:
    """Every mutant fails its clause and no other, and a right client none."""
    every: dict[str, Callable[..., Any]] = {**MUTANTS, "no host name": ChecksNoHostName(), **RIGHT}
    clients = dict(list(every.items())[group::GROUPS])
    wanted = {name: WANTED[name] for name in clients}
    found = {name: broken(run) for name, run in runs_of(clients).items()}
    # On a busy machine a client beside others may have been late: it is asked again, alone.
    found |= {name: broken(run_of(client)) for name, client in clients.items() if found[name] > wanted[name]}
    assert found == wanted
