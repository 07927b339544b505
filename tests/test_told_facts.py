"""The words for wrong facts, and for plain HTTP where HTTPS was due, name what is wrong."""

from __future__ import annotations

import http.client
import unicodedata
from collections.abc import Mapping
from typing import Any

from mutants.right_clients import Client
from mutants.witnessed import run_of

from ni_contract.drivers.client.cases import client_cases
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.finding import shown_apart
from ni_contract.judge.verdicts import FAIL

CASES = tuple(case for case in client_cases() if case.id in ("plain", "national", "pieces"))


class Decomposing(Client):
    """A client that changes the Unicode form of the facts."""

    def result(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**members, "country_name": unicodedata.normalize("NFD", members["country_name"])}


class Downgrading(Client):
    """A client that asks without TLS where it is given HTTPS."""

    def connection(self, server: Server) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(server.https_host, timeout=server.timeout)


def test_texts_that_look_alike_have_escapes() -> None:
    failing = [v for v in run_of(Decomposing(), CASES).verdicts["documented"] if v.word == FAIL]
    assert [v.clause.id for v in failing] == ["NIB-CLI-024"]
    found = failing[0].failures[0].finding
    assert found.expected == r"'S\xe3o Tom\xe9 & Pr\xedncipe', as in the answer"
    assert found.actual == r"'Sa\u0303o Tome\u0301 & Pri\u0301ncipe'"


def test_other_texts_have_none() -> None:
    assert shown_apart("São Tomé", "Sao Tome") == ("'São Tomé'", "'Sao Tome'")
    assert shown_apart("44", 44) == ("'44'", "44")


def test_plain_http_to_https_leads() -> None:
    causes = run_of(Downgrading(), CASES).causes["documented"]
    assert [(cause.clause_id, cause.explains) for cause in causes] == [("NIB-CLI-003", ("NIB-CLI-016",))]
