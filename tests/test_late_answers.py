"""A client that takes an answer for which it waited in vain for that of a later lookup breaks NIB-CLI-024 alone."""

from __future__ import annotations

import http.client
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import urlsplit

from mutants.right_clients import Client
from mutants.witnessed import ACCOUNT
from test_client_faults import CLAUSES, broken

from ni_contract.drivers.client.cases import asked_together, client_cases
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.pytest_plugin.client_runs import client_stages
from ni_contract.runs.witness import ClientPlan, witness

CASES = {case.id: case for case in client_cases()}
LATE, OWN = CASES["silence"].number, CASES["after-late"].number


class TakesLateAnswers(Client):
    """A client that gives one number up, and reports its answer for another."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor()
        self.given_up: Future[Outcome] = Future()

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        asked = self.pool.submit(super().__call__, server, number, country)
        if number == LATE:
            self.given_up = asked
            wait([asked], 0.5)
            return Outcome(False, reason="timed out")
        if number == OWN:
            asked = self.given_up
        return asked.result(60)

    def connection(self, server: Server) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)


def test_late_answer_is_that_of_its_lookup() -> None:
    client, cases = TakesLateAnswers(), asked_together(CASES["silence"], client_cases())
    plan = ClientPlan(ACCOUNT, CLAUSES, timeout=60, cases=(CASES["plain"], *cases))
    with client_stages(client, ACCOUNT, 60) as (stage, elsewhere):
        run = witness("a client", stage, plan, elsewhere=elsewhere)
    client.pool.shutdown()
    assert broken(run) == {"NIB-CLI-024": "'447700900147', of the earlier lookup silence"}
