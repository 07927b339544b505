"""For each clause about clients, a whole client that breaks it: a right one with other steps."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from mutants.right_clients import (
    FORM,
    Client,
    HttpsClient,
    JsonPostClient,
    Members,
    NoAnswer,
    PostClient,
    Reply,
    RetryingClient,
    SigningClient,
    XmlClient,
)
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.exchanges.response import NUMBER_KEYS

T = TypeVar("T")
# Other text is no number, so it is not the given number either.
FALLS_WITH = {"NIB-CLI-005": {"NIB-CLI-016"}}
BASIC = "Basic bjN4bTByb2NrczoxMmFiMzRjZA=="
_SPELLED = str.maketrans("23456789", "ADGJMPTW")


def changed(kind: type[Client], **steps: Any) -> Client:
    """A client of *kind* with other *steps*: values, or functions of the right step and its arguments."""
    client = kind()
    for name, step in steps.items():
        setattr(client, name, partial(step, getattr(client, name)) if callable(step) else step)
    return client


def only_if(accepts: Callable[[T], bool], value: T) -> T:
    """*value*, if it is accepted; else it is no answer."""
    if not accepts(value):
        raise NoAnswer(f"not accepted: {value!r}")
    return value


# ---------------------------------------------------------------- requests


def _with_integer(members: Mapping[str, str]) -> Members:
    digits = "".join(filter(str.isdigit, members["number"]))
    return {**members, "number": members["number"] if "country" in members else int(digits)}


def _followed(path: Callable[[str], str], **more: str) -> Client:
    """A client that follows a redirect to another host, to the *path* of the first URL, with *more* headers."""

    def exchange(right: Any, server: Server, method: str, url: str, body: bytes | None, **headers: str) -> Reply:
        reply: Reply = right(server, method, url, body, **headers)
        if reply.http_status == 302:
            other = replace(server, base_url=server.base_url.replace("127.0.0.1", "localhost"))
            reply = right(other, method, path(url), body, **headers, **more)
        return reply

    return changed(Client, exchange=exchange)


class StaysWhereRedirected(Client):
    """A client that keeps the host of a redirect for its later lookups."""

    def __init__(self) -> None:
        self.moved: set[str] = set()

    def exchange(self, server: Server, method: str, url: str, body: bytes | None, **headers: str) -> Reply:
        host = "localhost" if server.base_url in self.moved else "127.0.0.1"
        base = server.base_url.replace("127.0.0.1", host)
        reply = super().exchange(replace(server, base_url=base), method, url, body, **headers)
        if reply.http_status == 302:
            self.moved.add(server.base_url)
        return reply


def _other_number(change: Callable[[str], str]) -> Client:
    """A client that asks for another number, unless it was given a country."""

    def params(right: Any, server: Server, number: str, country: str | None) -> Any:
        return right(server, number if country else change(number), country)

    return changed(Client, params=params)


def _more(kind: type[Client], *pairs: tuple[str, str]) -> Client:
    """A client that sends *pairs* too."""
    return changed(kind, params=lambda right, *given: [*right(*given), *pairs])


REQUESTS = {
    "NIB-CLI-001": changed(Client, path=lambda _right: "/ni/standard/json"),
    "NIB-CLI-002": changed(Client, method="PUT"),
    "NIB-CLI-003": changed(Client, headers=lambda _right, _server: {"Host": "api.nexmo.com"}),
    "NIB-CLI-004": changed(Client, params=lambda right, *given: [("number", given[1]), *right(*given)]),
    "NIB-CLI-005": changed(
        Client, params=lambda right, server, number, country: right(server, f"tel:{number}", country)
    ),
    "NIB-CLI-006": changed(
        Client, encoded=lambda _right, params: "&".join(f"{name}={quote(value, safe='+')}" for name, value in params)
    ),
    "NIB-CLI-007": changed(
        Client, params=lambda right, server, number, country: right(server, number, country and country.lower())
    ),
    "NIB-CLI-008": _more(Client, ("cnam", "False")),
    "NIB-CLI-009": changed(Client, encoded=lambda right, params: f"{right(params)}&note=%E9"),
    "NIB-CLI-010": changed(JsonPostClient, content_type=FORM),
    "NIB-CLI-011": changed(PostClient, path=lambda right: f"{right()}?api_key=n3xm0rocks&api_secret=12ab34cd"),
    "NIB-CLI-012": changed(SigningClient, secret=lambda _right, server: server.api_secret),
    "NIB-CLI-013": changed(SigningClient, now=lambda _right: int(time.time() * 1000)),
    "NIB-CLI-014": _more(SigningClient, ("api_secret", "12ab34cd")),
    "NIB-CLI-015": _more(Client, ("page_index", "1")),
    "NIB-CLI-016": _other_number(lambda number: number[:-1]),
    "NIB-CLI-017": changed(Client, params=lambda right, server, number, _country: right(server, number, None)),
    "NIB-CLI-018": changed(
        Client, params=lambda right, server, *given: right(replace(server, api_secret="built-in"), *given)
    ),
    "NIB-CLI-019": changed(
        Client,
        params=lambda right, *given: [pair for pair in right(*given) if not pair[0].startswith("api_")],
        headers=lambda _right, _server: {"Authorization": BASIC},
    ),
    "NIB-CLI-020": changed(JsonPostClient, object=lambda _right, members: _with_integer(members)),
    "NIB-CLI-021": changed(Client, send=lambda right, *given: right(*given) and right(*given)),
    "NIB-CLI-022": changed(RetryingClient, tries=10_000),
    "NIB-CLI-050": _other_number(lambda number: number[:7] + number[7:].translate(_SPELLED)),
    "NIB-CLI-053": _followed(lambda url: url),
    "NIB-CLI-063": StaysWhereRedirected(),
    "NIB-CLI-066": _followed(lambda _url: "/ni/basic/json", Authorization=BASIC),
}


# ---------------------------------------------------------------- reported outcomes of a success


def _unverified(right: Any, server: Server) -> ssl.SSLContext:
    context: ssl.SSLContext = right(server)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _patient(change: Callable[[float], float]) -> Client:
    """A client with a time-out of its own."""
    return changed(Client, connection=lambda right, server: right(replace(server, timeout=change(server.timeout))))


_KNOWN = {"status", "status_message", "error_text", "request_id", *NUMBER_KEYS}
SUCCESSES = {
    "NIB-CLI-023": changed(Client, is_success=lambda _right, members: members["status"] == "0"),
    "NIB-CLI-024": changed(
        Client, result=lambda _right, members: {**members, "country_prefix": int(members["country_prefix"])}
    ),
    "NIB-CLI-025": changed(Client, result=lambda _right, members: {name: members[name] for name in NUMBER_KEYS}),
    "NIB-CLI-034": changed(
        Client, members=lambda right, reply: only_if(lambda found: found.keys() <= _KNOWN, right(reply))
    ),
    "NIB-CLI-035": changed(
        Client, members=lambda right, reply: only_if(lambda found: list(found)[-1] != "status", right(reply))
    ),
    "NIB-CLI-036": changed(
        Client, members=lambda right, reply: right(only_if(lambda one: one.body[:1] == b"{", reply))
    ),
    "NIB-CLI-037": changed(Client, is_labelled=lambda _right, content_type: content_type == "application/json"),
    "NIB-CLI-046": changed(
        XmlClient, members=lambda right, reply: right(only_if(lambda one: one.body.startswith(b"<?xml"), reply))
    ),
    "NIB-CLI-047": changed(XmlClient, read=lambda right, root: right(only_if(lambda one: one.tag == "format", root))),
    "NIB-CLI-048": changed(XmlClient, without_dtd=lambda _right, body: body),
    "NIB-CLI-049": changed(XmlClient, labels=("text/xml",)),
    "NIB-CLI-051": changed(Client, parsed=lambda right, reply: right(reply) or {"status": 0, "country_code": "GB"}),
    "NIB-CLI-052": changed(Client, checked=lambda right, reply: right(replace(reply, http_status=200))),
    "NIB-CLI-054": changed(Client, is_labelled=lambda _right, _content_type: True),
    "NIB-CLI-055": changed(Client, complete=lambda _right, members: members),
    "NIB-CLI-056": changed(
        Client,
        is_status=lambda right, status: right(status) or status is True or status == "4",
        is_success=lambda right, members: type(members["status"]) is not int or right(members),
    ),
    "NIB-CLI-057": changed(
        Client,
        is_status=lambda right, status: right(status) or status == "0",
        is_success=lambda _right, members: str(members["status"]) == "0",
    ),
    "NIB-CLI-059": changed(HttpsClient, context=_unverified),
    "NIB-CLI-060": _patient(lambda seconds: seconds / 10),
    "NIB-CLI-061": _patient(lambda seconds: seconds + 2),
}


# ---------------------------------------------------------------- reported outcomes of a refusal


class KeepsTheText(Client):
    """A client that shows the last text that came, where an answer has none."""

    last: str | None = None

    def reason(self, members: Members) -> str | None:
        self.last = super().reason(members) or self.last
        return self.last


REFUSALS = {
    "NIB-CLI-026": changed(Client, is_success=lambda _right, members: members["status"] in (0, 1)),
    "NIB-CLI-027": changed(Client, is_success=lambda _right, members: members["status"] in (0, 9)),
    "NIB-CLI-028": changed(Client, is_success=lambda _right, members: members["status"] not in (1, 3, 4, 5, 9)),
    "NIB-CLI-029": changed(Client, reason=lambda _right, members: members.get("status_message")),
    "NIB-CLI-030": changed(
        Client, reason=lambda _right, members: members.get("status_message" if members["status"] == 1 else "error_text")
    ),
    "NIB-CLI-031": changed(
        Client, reason=lambda right, members: "try later" if members["status"] == 1 else right(members)
    ),
    "NIB-CLI-032": changed(XmlClient, reason=lambda _right, _members: None),
    "NIB-CLI-033": changed(
        Client,
        told=lambda right, members: right(members) if members["status"] == 0 else replace(right(members), status=3),
    ),
    "NIB-CLI-038": changed(Client, reason=lambda right, members: right(members) if "request_id" in members else None),
    "NIB-CLI-067": KeepsTheText(),
}


# ---------------------------------------------------------------- reported outcomes without an answer of the API


def _optimist(*wrong: str) -> Client:
    """A client that takes one kind of failure for a success."""
    return changed(Client, failed=lambda _right, error: Outcome(any(text in repr(error) for text in wrong), {}))


def _dead_without_a_status(right: Any, error: Exception) -> Outcome:
    if "no status" in repr(error):
        raise SystemExit(1)
    told: Outcome = right(error)
    return told


def _reader_of_pages(http_status: int) -> Client:
    """A client that takes a page in HTML for a success."""

    def checked(right: Any, reply: Reply) -> Reply:
        if reply.http_status == http_status and reply.body.startswith(b"<html"):
            return Reply(200, "application/json", b'{"status": 0, "country_code": "GB"}')
        read: Reply = right(reply)
        return read

    return changed(Client, checked=checked)


def _told_by_http(right: Any, error: Exception) -> Outcome:
    """The outcome with the status of HTTP, where there is one."""
    told: Outcome = right(error)
    if str(error).startswith("HTTP "):
        return replace(told, status=int(str(error)[5:]))
    return told


def _told_with_the_url(right: Any, error: Exception) -> Outcome:
    """The outcome with the URL in the error of a failed request, as `requests` has it."""
    told: Outcome = right(error)
    if str(error).startswith("HTTP "):
        return replace(told, reason=f"{error} for url: http://127.0.0.1/ni/basic/json?number=44&api_secret=12ab34cd")
    return told


NO_ANSWERS = {
    "NIB-CLI-039": _reader_of_pages(403),
    "NIB-CLI-040": _optimist("line 1 column 1 (char 0)"),
    "NIB-CLI-041": _optimist("IncompleteRead", "Unterminated", "delimiter"),
    "NIB-CLI-042": _reader_of_pages(200),
    "NIB-CLI-043": _optimist("ConnectionResetError"),
    "NIB-CLI-044": _optimist("TimeoutError"),
    "NIB-CLI-045": _optimist("no status"),
    "NIB-CLI-058": changed(
        Client, failed=lambda right, error: replace(right(error), reason=f"{error} with the secret 12ab34cd")
    ),
    "NIB-CLI-062": changed(Client, failed=_dead_without_a_status),
    "NIB-CLI-064": changed(Client, failed=_told_by_http),
    "NIB-CLI-065": changed(Client, failed=_told_with_the_url),
}
MUTANTS: dict[str, Callable[..., Any]] = {**REQUESTS, **SUCCESSES, **REFUSALS, **NO_ANSWERS}
