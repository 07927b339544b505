"""For each clause about reported outcomes, a whole client that breaks it."""

from __future__ import annotations

import http.client
import ssl
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

from mutants.registered import MUTANTS, mutant
from mutants.right_clients import (
    Client,
    HttpsClient,
    Members,
    NoAnswer,
    Reply,
    XmlClient,
)
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.response import NUMBER_KEYS

HTML_READ_AS = b'{"status": 0, "country_code": "GB"}'


# ---------------------------------------------------------------- reported outcomes of a success


@mutant("NIB-CLI-023")
class ComparesTheStatusAsText(Client):
    def is_success(self, members: Members) -> bool:
        return bool(members["status"] == "0")


@mutant("NIB-CLI-024")
class TellsThePrefixAsANumber(Client):
    def result(self, members: Members) -> Members:
        return {**members, "country_prefix": int(members["country_prefix"])}


@mutant("NIB-CLI-025")
class KeepsTheRequestId(Client):
    def result(self, members: Members) -> Members:
        return {name: members[name] for name in NUMBER_KEYS}


@mutant("NIB-CLI-034")
class KnowsAllKeys(Client):
    def members(self, reply: Reply) -> Members:
        members = super().members(reply)
        if unknown := members.keys() - {"status", "status_message", "error_text", "request_id", *NUMBER_KEYS}:
            raise NoAnswer(f"unexpected {unknown}")
        return members


@mutant("NIB-CLI-035")
class GoesByTheOrder(Client):
    def members(self, reply: Reply) -> Members:
        members = super().members(reply)
        if list(members)[-1] == "status":
            raise NoAnswer("the status comes first")
        return members


@mutant("NIB-CLI-036")
class LooksForAText(Client):
    def members(self, reply: Reply) -> Members:
        if reply.body[:1] != b"{":
            raise NoAnswer("the body has to begin with a brace")
        return super().members(reply)


@mutant("NIB-CLI-037")
class ComparesTheWholeContentType(Client):
    def is_labelled(self, content_type: str) -> bool:
        return content_type in self.labels


@mutant("NIB-CLI-046")
class WantsADeclaration(XmlClient):
    def members(self, reply: Reply) -> Members:
        if not reply.body.startswith(b"<?xml"):
            raise NoAnswer("no XML declaration")
        return super().members(reply)


@mutant("NIB-CLI-047")
class KnowsOneRoot(XmlClient):
    def read(self, root: ET.Element) -> Members:
        if root.tag != "format":
            raise NoAnswer(f"the root is {root.tag}")
        return super().read(root)


@mutant("NIB-CLI-048")
class ReadsADtd(XmlClient):
    def members(self, reply: Reply) -> Members:
        return self.read(ET.fromstring(reply.body))  # noqa: S314  that is what is wrong with it


@mutant("NIB-CLI-049")
class KnowsOneXmlLabel(XmlClient):
    labels = ("text/xml",)


@mutant("NIB-CLI-050")
class SpellsTheNumber(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        words = number if country else number[:7] + number[7:].translate(str.maketrans("23456789", "ADGJMPTW"))
        return super().params(server, words, country)


@mutant("NIB-CLI-051")
class TakesNothingForAnEmptyAnswer(Client):
    def parsed(self, reply: Reply) -> Any:
        return super().parsed(reply) or {"status": 0, "country_code": "GB"}


@mutant("NIB-CLI-052")
class ReadsTheBodyOfEveryStatus(Client):
    def checked(self, reply: Reply) -> Reply:
        return reply if self.is_labelled(reply.content_type) else super().checked(reply)


@mutant("NIB-CLI-053")
class TakesItsCredentialsAlong(Client):
    def exchange(self, server: Server, method: str, url: str, body: bytes | None, **headers: str) -> Reply:
        reply = super().exchange(server, method, url, body, **headers)
        if reply.http_status != 302:
            return reply
        other = replace(server, base_url=server.base_url.replace("127.0.0.1", "localhost"))
        return super().exchange(other, method, url, body, **headers)


@mutant("NIB-CLI-054")
class IgnoresTheContentType(Client):
    def is_labelled(self, content_type: str) -> bool:
        return True


@mutant("NIB-CLI-055")
class ExpectsNoFacts(Client):
    def complete(self, members: Members) -> Members:
        return members


@mutant("NIB-CLI-056")
class KnowsRefusalsByTheirNumber(Client):
    def is_status(self, status: object) -> bool:
        return type(status) is int or status is True or status == "4"

    def is_success(self, members: Members) -> bool:
        return type(members["status"]) is not int or super().is_success(members)


@mutant("NIB-CLI-057")
class TakesTextForAStatus(Client):
    def is_status(self, status: object) -> bool:
        return type(status) is int or status == "0"

    def is_success(self, members: Members) -> bool:
        return str(members["status"]) == "0"


@mutant("NIB-CLI-058")
class TellsTheUrl(Client):
    def failed(self, error: Exception) -> Outcome:
        return Outcome(False, None, None, f"{error} at /ni/basic/json?api_secret=12ab34cd")


@mutant("NIB-CLI-059")
class VerifiesNoCertificate(HttpsClient):
    def context(self, server: Server) -> ssl.SSLContext:
        context = super().context(server)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


# ---------------------------------------------------------------- reported outcomes of a refusal


@mutant("NIB-CLI-026")
class TakesBusyForASuccess(Client):
    def is_success(self, members: Members) -> bool:
        return members["status"] in (0, 1)


@mutant("NIB-CLI-027")
class TakesNoCreditForASuccess(Client):
    def is_success(self, members: Members) -> bool:
        return members["status"] in (0, 9)


@mutant("NIB-CLI-028")
class KnowsOnlyItsList(Client):
    def is_success(self, members: Members) -> bool:
        return members["status"] not in (1, 3, 4, 5, 9)


@mutant("NIB-CLI-029")
class ReadsOnlyTheMessage(Client):
    def reason(self, members: Members) -> str | None:
        return members.get("status_message")


@mutant("NIB-CLI-030")
class ReadsOnlyTheErrorText(Client):
    def reason(self, members: Members) -> str | None:
        return members.get("status_message") if members["status"] == 1 else members.get("error_text")


@mutant("NIB-CLI-031")
class KeepsTheReasonOfBusy(Client):
    def reason(self, members: Members) -> str | None:
        return "try later" if members["status"] == 1 else super().reason(members)


@mutant("NIB-CLI-032")
class KeepsTheReasonOfXml(XmlClient):
    def reason(self, members: Members) -> str | None:
        return None


@mutant("NIB-CLI-033")
class TellsOneStatusForAll(Client):
    def told(self, members: Members) -> Outcome:
        return super().told(members) if self.is_success(members) else Outcome(False, None, 3, self.reason(members))


@mutant("NIB-CLI-038")
class WantsARequestId(Client):
    def reason(self, members: Members) -> str | None:
        return None if "request_id" not in members else super().reason(members)


# ---------------------------------------------------------------- reported outcomes without an answer of the API


class Optimist(Client):
    """A client that takes one kind of failure for a success."""

    def __init__(self, *wrong: str) -> None:
        self.wrong = wrong

    def failed(self, error: Exception) -> Outcome:
        return Outcome(any(text in repr(error) for text in self.wrong), {})


@mutant("NIB-CLI-060")
class IsImpatient(Client):
    def connection(self, server: Server) -> http.client.HTTPConnection:
        return super().connection(replace(server, timeout=server.timeout / 10))


@mutant("NIB-CLI-061")
class HasATimeOutOfItsOwn(Client):
    def connection(self, server: Server) -> http.client.HTTPConnection:
        return super().connection(replace(server, timeout=server.timeout + 2))


MUTANTS["NIB-CLI-040"] = Optimist("line 1 column 1 (char 0)")
MUTANTS["NIB-CLI-041"] = Optimist("IncompleteRead", "Unterminated", "delimiter")
MUTANTS["NIB-CLI-043"] = Optimist("ConnectionResetError")
MUTANTS["NIB-CLI-045"] = Optimist("no status")


@mutant("NIB-CLI-062")
class DiesWithoutAStatus(Client):
    def failed(self, error: Exception) -> Outcome:
        if "no status" in repr(error):
            raise SystemExit(1)
        return super().failed(error)


@mutant("NIB-CLI-039")
class TakesAForbiddenPageForASuccess(Client):
    def checked(self, reply: Reply) -> Reply:
        if reply.http_status == 403 and reply.body.startswith(b"<html"):
            return replace(reply, http_status=200, content_type="application/json", body=HTML_READ_AS)
        return super().checked(reply)


@mutant("NIB-CLI-042")
class TakesHtmlForASuccess(Client):
    def checked(self, reply: Reply) -> Reply:
        if reply.http_status == 200 and reply.body.startswith(b"<html"):
            return replace(reply, content_type="application/json", body=HTML_READ_AS)
        return super().checked(reply)


@mutant("NIB-CLI-044")
class TakesSilenceForASuccess(Client):
    def failed(self, error: Exception) -> Outcome:
        return Outcome(isinstance(error, TimeoutError), {})
