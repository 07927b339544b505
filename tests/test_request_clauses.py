"""Clauses about a client's requests: each has a request that breaks only it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mutants.clients import ACCOUNT, CLIENTS, CORRECT, NUMBER, URL, exchange_of, post, signed

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.exchanges.values import Request
from ni_contract.judge import Judge


def failing(request: Request) -> set[str]:
    return {judged.clause_id for judged in Judge(ACCOUNT).client(exchange_of(request))}


def test_request_clauses_have_broken_clients() -> None:
    assert set(CLIENTS) == {clause.id for clause in load_catalogue() if clause.kind == "request"}


@pytest.mark.parametrize("form", CORRECT)
def test_a_correct_request_breaks_nothing(form: str) -> None:
    assert failing(CORRECT[form]) == set()


@pytest.mark.parametrize("clause_id", CLIENTS)
def test_broken_client_fails_only_its_clause(clause_id: str) -> None:
    assert failing(CLIENTS[clause_id]) == {clause_id}


def test_number_in_query_and_body_fails() -> None:
    request = post(CORRECT["GET"].url.partition("?")[2])
    assert failing(replace(request, url=f"{URL}?number=442079460018")) == {"NIB-CLI-004"}


SIGNED = signed(NUMBER)


@pytest.mark.parametrize(
    "request_",
    [
        signed(NUMBER, ("signature_secret", ACCOUNT.signature_secret)),
        replace(SIGNED, url=f"{SIGNED.url}#{ACCOUNT.api_secret}"),
        replace(SIGNED, headers=(("X-Api-Secret", ACCOUNT.api_secret),)),
        replace(SIGNED, headers=(("Authorization", f"Basic {ACCOUNT.basic_token()}"),)),
        replace(post("&".join(SIGNED.url.split("?")[1:])), url=f"{URL}?secret={ACCOUNT.signature_secret}"),
    ],
)
def test_signature_excludes_secret_everywhere(request_: Request) -> None:
    """No secret is sent beside a signature, in any place."""
    assert "NIB-CLI-014" in failing(request_)


@pytest.mark.parametrize("content_type", ["text/plain", "application/vnd.api+json", "multipart/form-data; boundary=x"])
def test_unreadable_body_fails_label_only(content_type: str) -> None:
    """An unreadable body fails the clause about its label alone."""
    body = '--x\r\nContent-Disposition: form-data; name="number"' if "multipart" in content_type else '{"number": "1"}'
    assert failing(post(body, content_type)) == {"NIB-CLI-010"}
