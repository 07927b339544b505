"""Several clauses that a client breaks by one mistake are one group."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from mutants.lookups import changed
from mutants.right_clients import Client, NoAnswer, Reply, SigningClient
from mutants.witnessed import ANSWERED, TIMEOUT
from test_client_faults import CLAUSES, broken

from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.pytest_plugin.client_runs import client_stages
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness

ACCOUNT = Credentials("w1tn355k", "+7?/o>%2F&0v=8#4JX=", "s1G+key&5=tR9wL2")


class FallsOutOfItsLoop(Client):
    """A client that reports a success without facts where the API is busy, and where HTTP says so."""

    also: tuple[int, ...] = ()

    def checked(self, reply: Reply) -> Reply:
        if reply.http_status in (429, *self.also):
            raise NoAnswer("busy")
        return super().checked(reply)

    def is_success(self, members: Any) -> bool:
        return members["status"] in (0, 1)

    def failed(self, error: Exception) -> Outcome:
        told = super().failed(error)
        return replace(told, ok=told.reason == "busy")


class KnowsTheTextOnly(Client):
    """A client that reads UTF-8 as another encoding."""

    encoding = "latin-1"

    def parsed(self, reply: Reply) -> Any:
        return json.loads(reply.body.decode(self.encoding, "replace"))


def as_a_whole_url(_right: Any, params: list[tuple[str, str]]) -> str:
    text = "&".join(f"{name}={value}" for name, value in params)
    return text.replace("%", "%25").replace(" ", "%20").replace("\xa0", "%C2%A0").partition("#")[0]


def with_bare_plus(right: Any, params: list[tuple[str, str]]) -> str:
    return str(right(params)).replace("%2B", "+")


def run_of(client: Client, ids: str) -> Run:
    cases = tuple(case for case in ANSWERED if case.id in ids.split())
    plan = ClientPlan(ACCOUNT, CLAUSES, timeout=TIMEOUT, cases=cases)
    with client_stages(client, ACCOUNT, TIMEOUT) as (stage, elsewhere):
        return witness("a client", stage, plan, elsewhere=elsewhere)


def groups(run: Run) -> dict[str, tuple[str, ...]]:
    return {one.clause_id: one.explains for one in run.causes["documented"]}


BUSY = "plain http-429 http-503 busy http-429-success"


def test_busy_is_one_cause() -> None:
    assert groups(run_of(FallsOutOfItsLoop(), BUSY)) == {"NIB-CLI-026": ("NIB-CLI-039", "NIB-CLI-052")}


def test_other_pages_are_another() -> None:
    client = changed(FallsOutOfItsLoop, also=(503,))
    assert groups(run_of(client, BUSY)) == {"NIB-CLI-026": ("NIB-CLI-052",), "NIB-CLI-039": ()}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_another_encoding_is_one_cause(encoding: str) -> None:
    run = run_of(changed(KnowsTheTextOnly, encoding=encoding), "plain apostrophe beyond-ascii own-text-documented")
    assert groups(run) == {"NIB-CLI-024": ("NIB-CLI-029",)}
    assert {told.partition(":")[0] for told in broken(run).values()} == {"UTF-8 that was read as ISO-8859-1"}


@pytest.mark.parametrize("encoded", [as_a_whole_url, with_bare_plus])
def test_unencoded_values_are_one_cause(encoded: Any) -> None:
    found = groups(run_of(changed(Client, encoded=encoded), "plain digits national"))
    assert "NIB-CLI-006" in found["NIB-CLI-018"]
    assert len(found) == 1


def test_another_secret_is_another_cause() -> None:
    client = changed(
        Client,
        params=lambda right, server, *given: right(replace(server, api_secret="built-in"), *given),
        encoded=with_bare_plus,
    )
    assert list(groups(run_of(client, "plain digits"))) == ["NIB-CLI-006", "NIB-CLI-018"]


class SignsTheNumberAsGiven(SigningClient):
    """A client that signs the number before it takes the digits out of it."""

    def encoded(self, params: list[tuple[str, str]]) -> str:
        return super().encoded([(name, digits(value) if name == "number" else value) for name, value in params])


def digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def test_signature_of_the_number_as_given_is_named() -> None:
    run = run_of(SignsTheNumberAsGiven(), "plain")
    (found,) = next(one for one in run.verdicts["documented"] if one.clause.id == "NIB-CLI-012").failures
    assert "the number as the client was given it" in found.finding.actual
