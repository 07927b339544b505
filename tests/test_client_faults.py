"""Clients with a fault of another kind than the mutant of its clause: they break that clause, and no other."""

from __future__ import annotations

import http.client
import re
import ssl
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.message import Message
from typing import Any

import pytest
from mutants.lookups import only_if
from mutants.right_clients import RIGHT, Client, HttpsClient, JsonPostClient, Members, Reply, XmlClient
from mutants.witnessed import ACCOUNT, ANSWERED, TIMEOUT

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.drivers.client.cases import Case, client_cases
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.judge.verdicts import FAIL, WARN
from ni_contract.pytest_plugin.client_runs import client_stages
from ni_contract.runs.run import Run
from ni_contract.runs.witness import ClientPlan, witness

pytestmark = pytest.mark.slow

CLAUSES = load_catalogue().select("client")


class TellsSuccessAsTheStatus(Client):
    """A client whose failures without an answer have the status of a success."""

    def failed(self, error: Exception) -> Outcome:
        return Outcome(False, None, 0, str(error))


class ReadsRefusalsAsAscii(Client):
    """A client that loses what is not ASCII in the text of a refusal."""

    def reason(self, members: Members) -> str | None:
        text = super().reason(members)
        return text and text.encode("ascii", "ignore").decode()


class Decomposes(Client):
    """A client that reports a refusal's text in another Unicode form."""

    def reason(self, members: Members) -> str | None:
        text = super().reason(members)
        return text and unicodedata.normalize("NFD", text)


class KnowsFewEscapes(Client):
    """A client whose reader of JSON leaves an escaped slash escaped."""

    def parsed(self, reply: Reply) -> Any:
        return super().parsed(replace(reply, body=reply.body.replace(rb"\/", rb"\\/")))


class CutsLongNames(Client):
    """A client that has room for thirty characters of a name."""

    def result(self, members: Members) -> Members:
        return {**members, "country_name": members["country_name"][:30]}


class ReadsTheFirstKilobytes(Client):
    """A client that reads four kilobytes of an answer."""

    def checked(self, reply: Reply) -> Reply:
        return super().checked(replace(reply, body=reply.body[:4096]))


class KnowsSomeErrors(Client):
    """A client that has a list of errors of HTTP."""

    def checked(self, reply: Reply) -> Reply:
        known = reply.http_status in (400, 401, 403, 404, 429, 500, 502, 503)
        return super().checked(reply if known or reply.body[:1] != b"{" else replace(reply, http_status=200))


class TrustsNoCa(HttpsClient):
    """A client that was not given the CA."""

    def context(self, server: Server) -> ssl.SSLContext:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class KeepsByNumber(Client):
    """A client that keeps its answers by the number without the country."""

    def __init__(self) -> None:
        self._kept: dict[str, Outcome] = {}

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = self._kept.get(number) or super().__call__(server, number, country)
        if told.ok:
            self._kept[number] = told
        return told


class SmallMethod(Client):
    """A client whose requests are no HTTP."""

    method = "get"


class BlankInTheUrl(Client):
    """A client that writes its request line itself, with a blank in the URL."""

    def exchange(self, server: Server, method: str, url: str, body: bytes | None, **headers: str) -> Reply:
        return super().exchange(server, f"{method} {url}", "x", body, **headers)


class KeepsTheCountry(Client):
    """A client that sends the country of a lookup that failed with the next one too."""

    kept: str | None = None

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        self.kept = country or self.kept
        told = super().__call__(server, number, self.kept)
        if told.ok:
            self.kept = None
        return told


class KnowsNoComments(XmlClient):
    """A client whose reader of XML knows no comments."""

    def without_dtd(self, body: bytes) -> bytes:
        return only_if(lambda text: b"<!--" not in text, super().without_dtd(body))


class KnowsNoCdata(XmlClient):
    """A client whose reader of XML knows no CDATA."""

    def without_dtd(self, body: bytes) -> bytes:
        return only_if(lambda text: b"CDATA" not in text, super().without_dtd(body))


class UnescapesCdata(XmlClient):
    """A client that reads the text of CDATA as if it were written outside."""

    def without_dtd(self, body: bytes) -> bytes:
        return re.sub(
            rb"<!\[CDATA\[(.*?)\]\]>", lambda found: found[1].replace(b"<", b"&lt;"), super().without_dtd(body)
        )


class GoesOnAfterTheEnd(Client):
    """A client that sends its next request on the connection that the server closed, which fails."""

    is_closed = False

    def label_in(self, headers: Message) -> str:
        self.is_closed = headers.get("connection") == "close"
        return super().label_in(headers)

    def connection(self, server: Server) -> http.client.HTTPConnection:
        if self.is_closed:
            self.is_closed = False
            raise BrokenPipeError("the connection is closed")
        return super().connection(server)


class KeepsItsResult(Client):
    """A client whose failures have the result of the last success beside them."""

    kept: Mapping[str, Any] | None = None

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        self.kept = told.result or self.kept
        return told if told.ok else replace(told, result=self.kept)


class TakesWordsForStatus(Client):
    """A client that takes the word for the status of a success."""

    def parsed(self, reply: Reply) -> Any:
        members = super().parsed(reply)
        is_word = isinstance(members, dict) and members.get("status") == "Success"
        return {**members, "status": 0} if is_word else members


class SendsNullForNoCountry(JsonPostClient):
    """A client that posts JSON, with null where there is no country: neither page nor facts speak of null."""

    def object(self, members: dict[str, str]) -> Members:
        return {"country": None, **members}


class KnowsSmallHeaderNames(Client):
    """A client that finds headers by names in small letters alone."""

    def label_in(self, headers: Message) -> str:
        return dict(headers.items()).get("content-type", "")


FAULTS: Mapping[Client, set[str]] = {
    TellsSuccessAsTheStatus(): {"NIB-CLI-033"},
    ReadsRefusalsAsAscii(): {"NIB-CLI-029", "NIB-CLI-030"},
    Decomposes(): {"NIB-CLI-029", "NIB-CLI-030"},
    KnowsFewEscapes(): {"NIB-CLI-024"},
    CutsLongNames(): {"NIB-CLI-024"},
    ReadsTheFirstKilobytes(): {"NIB-CLI-036"},
    KnowsSomeErrors(): {"NIB-CLI-052"},
    TrustsNoCa(): {"NIB-CLI-016"},
    KeepsByNumber(): {"NIB-CLI-017"},
    SmallMethod(): {"NIB-CLI-002", "NIB-CLI-016"},
    BlankInTheUrl(): {"NIB-CLI-009", "NIB-CLI-016"},
    KeepsTheCountry(): {"NIB-CLI-017"},
    KnowsNoComments(): {"NIB-CLI-034"},
    KnowsNoCdata(): {"NIB-CLI-036"},
    UnescapesCdata(): {"NIB-CLI-036"},
    KeepsItsResult(): {"NIB-CLI-067"},
    TakesWordsForStatus(): {"NIB-CLI-056"},
    KnowsSmallHeaderNames(): {"NIB-CLI-023"},
}


def run_of(client: Client, cases: Sequence[Case] = ANSWERED) -> Run:
    plan = ClientPlan(ACCOUNT, CLAUSES, timeout=TIMEOUT, cases=tuple(cases))
    with client_stages(client, ACCOUNT, TIMEOUT) as (stage, elsewhere):
        return witness("a client", stage, plan, elsewhere=elsewhere)


def broken(run: Run) -> dict[str, str]:
    """The broken clauses, each with the actual value of its first failure."""
    verdicts = run.verdicts["observed"] + run.verdicts["documented"]
    return {v.clause.id: v.failures[0].finding.actual for v in verdicts if v.word in (FAIL, WARN)}


@pytest.mark.parametrize("client", FAULTS, ids=lambda client: type(client).__name__)
def test_fault_breaks_its_clause(client: Client) -> None:
    assert broken(run_of(client)).keys() == FAULTS[client]


def test_closed_connection_is_not_used_again() -> None:
    """The lookup comes after a pause: no circuit breaker and no rate limit is why nothing is asked."""
    cases = [case for case in client_cases() if case.id in ("plain", "close", "after-close")]
    assert broken(run_of(GoesOnAfterTheEnd(), cases)).keys() == {"NIB-CLI-016"}
    assert not broken(run_of(Client(), cases))


@pytest.mark.parametrize("kind", ["GET of JSON", "GET of XML"])
def test_right_client_breaks_nothing(kind: str) -> None:
    assert not broken(run_of(RIGHT[kind]))


def test_null_for_a_country_is_open() -> None:
    assert not broken(run_of(SendsNullForNoCountry()))


def test_refused_certificate_is_named() -> None:
    assert broken(run_of(TrustsNoCa()))["NIB-CLI-016"].startswith("no request came: the client ended the TLS handshake")


def test_cache_without_country_is_named() -> None:
    assert "asked before" in broken(run_of(KeepsByNumber()))["NIB-CLI-017"]


@pytest.mark.parametrize(
    ("client", "words"),
    [(SmallMethod(), "the method was written 'get'"), (BlankInTheUrl(), "there was a blank in its URL")],
    ids=lambda value: type(value).__name__,
)
def test_unreadable_request_is_named(client: Client, words: str) -> None:
    assert words in broken(run_of(client))["NIB-CLI-016"]
