"""Our own client is judged by the clauses of clients: each operation with each kind of credentials."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from client.client_forms import FLAVOURS, WAYS, Way, all_credentials, ask
from mutants.witnessed import run_of
from thoroughness import EVERYTHING

from ni_contract.client import AsyncClient, KeyAndSecret, LookupFailed, LookupResult
from ni_contract.contract.catalogue import EDITIONS
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.verdicts import FAIL, WARN
from ni_contract.testing import ClientContract

pytestmark = pytest.mark.slow

Combination = tuple[str, Way, int]

KINDS = range(len(all_credentials(Credentials())))
# Every operation and every kind of credentials once, sync and async by turns; all combinations: `tox -e everything`.
EVERY: list[Combination] = list(product(FLAVOURS, WAYS, KINDS))
FEW: list[Combination] = [(FLAVOURS[kind % len(FLAVOURS)], WAYS[kind % len(WAYS)], kind) for kind in KINDS]
CHOSEN = EVERY if EVERYTHING else FEW
BASIC = 1
AT_A_TIME = 12


def client_of(flavour: str, way: Way, kind: int) -> Callable[..., Any]:
    def look_up(server: Server, number: str, country: str | None = None) -> LookupResult | LookupFailed:
        account = Credentials(server.api_key, server.api_secret, server.signature_secret)
        credentials = all_credentials(account)[kind]
        return ask(flavour, way, credentials, number, country, base_url=server.base_url, timeout=server.timeout)

    return look_up


def broken(combination: Combination) -> set[str]:
    run = run_of(client_of(*combination))
    return {v.clause.id for edition in EDITIONS for v in run.verdicts[edition] if v.word in (FAIL, WARN)}


def test_client_breaks_no_clause() -> None:
    """Our client breaks no clause in any way of asking."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = dict(zip(CHOSEN, pool.map(broken, CHOSEN), strict=True))
    # HTTP Basic is not on the reference page, so its use is a warning.
    assert found == {(f, w, kind): {"NIB-CLI-019"} if kind == BASIC else set() for f, w, kind in CHOSEN}


class TestSyncClient(ClientContract):
    ni_timeout = 1.0

    @pytest.fixture
    def ni_client(self) -> Callable[..., Any]:
        return client_of("sync", WAYS[0], 0)


class TestAsyncClient(ClientContract):
    ni_timeout = 1.0
    ni_edition = "observed"

    @pytest.fixture
    def ni_client(self) -> Callable[..., Any]:
        async def look_up(server: Server, number: str, country: str | None = None) -> LookupResult:
            credentials = KeyAndSecret(server.api_key, server.api_secret)
            async with AsyncClient(
                credentials, server.https_url, timeout=server.timeout, ca_file=server.ca_file
            ) as client:
                return await client.lookup_xml(number, country)

        return look_up
