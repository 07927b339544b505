"""Complete right clients of several kinds. Every step is a method, for a mutant to override."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

from ni_contract.contract.signature import sign
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome

FORM = "application/x-www-form-urlencoded"
Members = Mapping[str, Any]


class NoAnswer(Exception):
    """The response was no answer of the API."""


@dataclass(frozen=True)
class Reply:
    """The HTTP response."""

    http_status: int
    content_type: str
    body: bytes


class Client:
    """A right client of the JSON endpoint by GET. Each step is a method, for a mutant to override."""

    format = "json"
    labels: tuple[str, ...] = ("application/json",)
    method = "GET"

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        try:
            members = self.members(self.checked(self.send(server, self.params(server, number, country))))
        except (OSError, ValueError, http.client.HTTPException, ET.ParseError, NoAnswer) as error:
            return self.failed(error)
        return self.told(members)

    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        pairs = [("number", number), ("api_key", server.api_key), ("api_secret", server.api_secret)]
        return [*pairs, ("country", country)] if country else pairs

    def encoded(self, params: list[tuple[str, str]]) -> str:
        return urlencode(params)

    def path(self) -> str:
        return f"/ni/basic/{self.format}"

    def headers(self, server: Server) -> dict[str, str]:
        return {}

    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        return self.exchange(server, self.method, f"{self.path()}?{self.encoded(params)}", None)

    def exchange(self, server: Server, method: str, url: str, body: bytes | None, **headers: str) -> Reply:
        connection = self.connection(server)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, url, body, {**self.headers(server), **sent})
            response = connection.getresponse()
            return Reply(response.status, self.label_in(response.headers), response.read())
        finally:
            connection.close()

    def label_in(self, headers: Message) -> str:
        return str(headers.get("content-type", ""))

    def connection(self, server: Server) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=server.timeout)

    def checked(self, reply: Reply) -> Reply:
        if reply.http_status != 200:
            raise NoAnswer(f"HTTP {reply.http_status}")
        if not self.is_labelled(reply.content_type):
            raise NoAnswer(f"Content-Type {reply.content_type}")
        return reply

    def is_labelled(self, content_type: str) -> bool:
        return content_type.partition(";")[0].strip() in self.labels

    def members(self, reply: Reply) -> Members:
        members = self.parsed(reply)
        if not isinstance(members, dict):
            raise NoAnswer("no object")
        if "status" not in members:
            raise NoAnswer("no status")
        if not self.is_status(members["status"]):
            raise NoAnswer("a status of another type")
        return self.complete(members)

    def parsed(self, reply: Reply) -> Any:
        return json.loads(reply.body.decode())

    def is_status(self, status: object) -> bool:
        return type(status) is int

    def complete(self, members: Members) -> Members:
        if members["status"] == 0 and "country_code" not in members:
            raise NoAnswer("no facts")
        return members

    def is_success(self, members: Members) -> bool:
        return bool(members["status"] == 0)

    def told(self, members: Members) -> Outcome:
        if self.is_success(members):
            return Outcome(True, self.result(members))
        return Outcome(False, None, members["status"], self.reason(members))

    def result(self, members: Members) -> Members:
        return members

    def reason(self, members: Members) -> str | None:
        text: str | None = members.get("error_text", members.get("status_message"))
        return text

    def failed(self, error: Exception) -> Outcome:
        return Outcome(False, None, None, str(error))


class XmlClient(Client):
    """A right client of the XML endpoint."""

    format = "xml"
    labels: tuple[str, ...] = ("text/xml", "application/xml")

    def members(self, reply: Reply) -> Members:
        return self.read(ET.fromstring(self.without_dtd(reply.body)))  # noqa: S314  DTDs are refused

    def without_dtd(self, body: bytes) -> bytes:
        if b"<!DOCTYPE" in body:
            raise NoAnswer("a DTD")
        return body

    def read(self, root: ET.Element) -> Members:
        if root.tag not in ("format", "lookup"):
            raise NoAnswer(f"the root {root.tag}")
        found: dict[str, Any] = {child.tag: (child.text or "").strip() for child in root}
        number, error = root.find("local_number"), root.find("error")
        if number is not None:
            found |= {"national_format_number": found.pop("local_number"), **number.attrib}
        if error is None or "code" not in error.attrib:
            raise NoAnswer("no status")
        return self.complete(
            {**found, "status": int(error.attrib["code"]), "status_message": found.pop("error")},
        )


class PostClient(Client):
    """A right client that posts a form."""

    content_type = FORM

    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        return self.exchange(server, "POST", self.path(), self.encoded(params).encode(), content_type=self.content_type)


class JsonPostClient(PostClient):
    """A right client that posts a JSON object."""

    content_type = "application/json"

    def encoded(self, params: list[tuple[str, str]]) -> str:
        return json.dumps(self.object(dict(params)))

    def object(self, members: dict[str, str]) -> Members:
        return members


class SigningClient(Client):
    """A right client that signs."""

    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        pairs = [p for p in super().params(server, number, country) if p[0] != "api_secret"]
        pairs.append(("timestamp", str(self.now())))
        return [*pairs, ("sig", sign(pairs, self.secret(server), "hmac-sha256"))]

    def now(self) -> int:
        return int(time.time())

    def secret(self, server: Server) -> str:
        return server.signature_secret


class HttpsClient(Client):
    """A right client that asks over HTTPS."""

    def connection(self, server: Server) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(server.https_host, timeout=server.timeout, context=self.context(server))

    def context(self, server: Server) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=server.ca_file)


class RetryingClient(Client):
    """A right client that tries again while the API is busy, three times at most."""

    tries = 3

    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        reply = super().send(server, params)
        for _ in range(self.tries - 1):
            if b'"status": 1,' not in reply.body:
                break
            reply = super().send(server, params)
        return reply


RIGHT: dict[str, Client] = {
    "GET of JSON": Client(),
    "GET of XML": XmlClient(),
    "POST of a form": PostClient(),
    "POST of JSON": JsonPostClient(),
    "signed": SigningClient(),
    "over HTTPS": HttpsClient(),
    "retrying": RetryingClient(),
}
