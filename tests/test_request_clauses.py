"""The clauses about what a client sends: each has a request that breaks it and only it."""

from __future__ import annotations

import pytest
from mutants.clients import ACCOUNT, CLIENTS, CORRECT, exchange_of

from ni_contract.catalogue import load_catalogue
from ni_contract.exchange import Request
from ni_contract.judge import Judge


def failing(request: Request) -> set[str]:
    return {judged.clause_id for judged in Judge(ACCOUNT).client(exchange_of(request))}


def test_every_request_clause_has_a_broken_client() -> None:
    assert set(CLIENTS) == {clause.id for clause in load_catalogue() if clause.kind == "request"}


@pytest.mark.parametrize("form", CORRECT)
def test_a_correct_request_breaks_nothing(form: str) -> None:
    assert failing(CORRECT[form]) == set()


@pytest.mark.parametrize("clause_id", CLIENTS)
def test_a_broken_client_fails_its_clause_and_only_it(clause_id: str) -> None:
    broken = CLIENTS[clause_id]
    assert failing(broken.request) == {clause_id, *broken.falls_with}
