"""Clients with bugs that are hard to see, each a right one with another step, and the clauses that they break."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from mutants.lookups import changed
from mutants.right_clients import Client, Members, NoAnswer, Reply, SigningClient, XmlClient
from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome


class KeepsTheLast(Client):
    """A client that keeps its last answer, by the number without the country."""

    last: tuple[str, Outcome] | None = None

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        if self.last is None or self.last[0] != number:
            self.last = (number, super().__call__(server, number, country))
        return self.last[1]


class EmptyHanded(Client):
    """A client that keeps its answers, and has no facts of one that it kept."""

    def __init__(self) -> None:
        self.kept: set[tuple[str, str | None]] = set()

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        if (number, country) in self.kept:
            return Outcome(True)
        self.kept.add((number, country))
        return super().__call__(server, number, country)


class Collecting(Client):
    """A client that shows all errors that it met, since its list of them is never emptied."""

    def __init__(self) -> None:
        self.met: list[str] = []

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        if told.ok:
            return told
        self.met.append(told.reason or "")
        return replace(told, reason="; ".join(self.met))


class FailingAsBefore(Client):
    """A client that shows the last text of the API where it got no answer of it."""

    last = ""

    def reason(self, members: Members) -> str | None:
        self.last = super().reason(members) or ""
        return self.last

    def failed(self, error: Exception) -> Outcome:
        return replace(super().failed(error), reason=self.last or str(error))


class NamingTheNumberBefore(Client):
    """A client whose failures name the number of the lookup before."""

    number = ""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        before, self.number = self.number, number
        return told if told.ok else replace(told, reason=f"{told.reason} ({before})")


class WithoutCountryAgain(Client):
    """A client that asks again without the country where HTTP fails."""

    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        reply = super().send(server, params)
        if reply.http_status == 200:
            return reply
        return super().send(server, [pair for pair in params if pair[0] != "country"])


def _body(change: Callable[[bytes], bytes]) -> Client:
    return changed(Client, parsed=lambda right, reply: right(replace(reply, body=change(reply.body))))


def _reason(change: Callable[[str], str]) -> Client:
    return changed(Client, reason=lambda right, members: change(right(members) or ""))


def _fact(change: Callable[[str], str]) -> Client:
    """A client that reports the name of a country with a *change*."""
    return changed(Client, result=lambda _right, members: {**members, "country_name": change(members["country_name"])})


def _within_bmp(text: str) -> str:
    return re.sub("[^\0-\uffff]", "?", text)


def _closed(body: bytes) -> bytes:
    """*body*, with the quotation mark and the brace that it lacks."""
    try:
        json.loads(body)
    except ValueError:
        return body + b'"}'
    return body


_TEXTS = {3: "Invalid request", 4: "Invalid credentials", 5: "Internal error", 9: "Partner quota exceeded"}


def _from_table(right: Any, members: Members) -> str | None:
    """The text that is known for a status, in place of that of the answer, but for status 3 that of the answer."""
    text: str | None = right(members)
    if members["status"] == 3 or "error_text" not in members:
        return text
    return _TEXTS.get(members["status"], text)


def _with_separators_replaced(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    params: list[tuple[str, str]] = right(server, re.sub("[&=]", "_", number), country)
    return params


def _with_escapes(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    """The parameters as a shell script sends them that reads its lookup with sed."""
    params: list[tuple[str, str]] = right(server, json.dumps(number)[1:-1], country)
    return params


def _signed_on_one_line(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    """The parameters, signed with single blanks and sent with all."""
    signed: list[tuple[str, str]] = right(server, " ".join(number.split()), country)
    return [(name, number if name == "number" else value) for name, value in signed]


def _in_international_form(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    """The parameters, with a calling code in place of the zero of a national number."""
    code = {"GB": "44", "HU": "36"}.get(country or "", "")
    if not code or not number.startswith("0"):
        return list(right(server, number, country))
    return list(right(server, f"+{code}{number[1:]}", None))


def _with_a_plus(start: str) -> Any:
    def params(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return list(right(server, re.sub(f"^{start}", "+", number), country))

    return params


def _with_a_one(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    is_of_ten = country is None and re.fullmatch("[0-9]{10}", number)
    return list(right(server, f"1{number}" if is_of_ten else number, country))


class Comparing(Client):
    """A client that takes an answer with other last digits than those asked about for that of another number."""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        if told.result and not told.result["international_format_number"].endswith(re.sub("[^0-9]", "", number)[-8:]):
            return Outcome(False, reason="the answer is about another number")
        return told


class Echoing(Client):
    """A client that reports the digits of an international number as they were asked about."""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        if not told.result or not number.startswith("+"):
            return told
        return replace(told, result={**told.result, "international_format_number": re.sub("[^0-9]", "", number)})


def _of_the_larger_country(right: Any, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
    larger = {"GG": "GB", "IM": "GB", "JE": "GB"}
    return list(right(server, number, larger.get(country or "", country)))


def _with_uuid(right: Any, members: Members) -> Members:
    if not re.fullmatch("[0-9a-f-]{36}", members.get("request_id") or ""):
        raise NoAnswer("the request_id is no UUID")
    found: Members = right(members)
    return found


def _by_place(right: Any, root: ET.Element) -> Members:
    """The answer, with the attributes of a number by their place in the order of the alphabet, as a DOM may give it."""
    number = root.find("local_number")
    if number is not None:
        names = ("country_code", "country_code_iso3", "country_name", "country_prefix")
        ordered = [value for _, value in sorted(number.attrib.items())]
        number.attrib = dict(zip(names, ordered, strict=False))
    found: Members = right(root)
    return found


def _known_country(right: Any, members: Members) -> Members:
    """The answer, if its country is in a list of 2009."""
    if members.get("country_code") in ("BL", "BQ", "CW", "MF", "SS", "SX"):
        raise NoAnswer("the country is unknown")
    found: Members = right(members)
    return found


def _with_area_code(_right: Any, members: Members) -> Members:
    """The answer, with the prefix that lists have for countries of North America."""
    areas = {"BB": "1246", "BS": "1242", "JM": "1876", "SX": "1721"}
    return {**members, "country_prefix": areas.get(members["country_code"], members["country_prefix"])}


def _ended_by_refusal(right: Any, error: Exception) -> Outcome:
    if isinstance(error, ConnectionRefusedError):
        raise SystemExit(str(error))
    outcome: Outcome = right(error)
    return outcome


# Each with the lookups that show it, and the clauses that it breaks in them.
CARELESS: dict[str, tuple[Client, str, set[str]]] = {
    "the last answer kept": (KeepsTheLast(), "national same-digits", {"NIB-CLI-017"}),
    "errors collected": (Collecting(), "status-9-documented bare-4-documented", {"NIB-CLI-067"}),
    "the number of before": (NamingTheNumberBefore(), "status-9-documented", {"NIB-CLI-067"}),
    "no country where HTTP failed": (WithoutCountryAgain(), "national http-503-once-in-country", {"NIB-CLI-017"}),
    "the text of before where HTTP fails": (FailingAsBefore(), "status-10 http-404-success", {"NIB-CLI-067"}),
    "status 21 for a success": (
        changed(Client, is_success=lambda _right, members: members["status"] in (0, 21)),
        "status-21",
        {"NIB-CLI-028"},
    ),
    "text closed at the end": (_body(_closed), "malformed-text", {"NIB-CLI-041"}),
    "reason unescaped": (_reason(html.unescape), "own-text-documented", {"NIB-CLI-029"}),
    "reason within the BMP": (_reason(_within_bmp), "own-text-documented", {"NIB-CLI-029"}),
    "fact unescaped": (_fact(html.unescape), "quoted-name", {"NIB-CLI-024"}),
    "fact with single blanks": (_fact(lambda text: " ".join(text.split())), "quoted-name", {"NIB-CLI-024"}),
    "fact within the BMP": (_fact(_within_bmp), "quoted-name", {"NIB-CLI-024"}),
    "reason from a table": (changed(Client, reason=_from_table), "status-9-documented", {"NIB-CLI-029"}),
    "number echoed": (Echoing(), "trunk-zero", {"NIB-CLI-024"}),
    "digits compared": (Comparing(), "mobile-nine", {"NIB-CLI-023"}),
    "zero taken for every trunk prefix": (
        changed(Client, params=_in_international_form),
        "national trunk-prefix",
        {"NIB-CLI-016"},
    ),
    "the larger country of a calling code": (
        changed(Client, params=_of_the_larger_country),
        "national smaller-country",
        {"NIB-CLI-017"},
    ),
    "ten digits taken for a number of the US": (
        changed(Client, params=_with_a_one),
        "ten-digits-abroad",
        {"NIB-CLI-016"},
    ),
    "no facts of an answer that was kept": (EmptyHanded(), "digits digits-again", {"NIB-CLI-024", "NIB-CLI-025"}),
    "national taken for international": (
        changed(Client, params=_with_a_plus("(?=(21|47) )")),
        "own-code-first",
        {"NIB-CLI-016"},
    ),
    "011 taken for a plus": (changed(Client, params=_with_a_plus("011")), "eleven", {"NIB-CLI-016"}),
    "blanks signed as one": (changed(SigningClient, params=_signed_on_one_line), "layout", {"NIB-CLI-012"}),
    "parameters in Latin-1": (
        changed(Client, encoded=lambda _right, params: urlencode(params, encoding="latin-1")),
        "no-break-space",
        {"NIB-CLI-009"},
    ),
    "the end where no connection is possible": (
        changed(Client, failed=_ended_by_refusal),
        "reset closed",
        {"NIB-CLI-043"},
    ),
    "gzip wanted and not read": (
        changed(Client, headers=lambda _right, _server: {"Accept-Encoding": "gzip, deflate"}),
        "packed",
        {"NIB-CLI-023"},
    ),
    "countries of 2009": (changed(Client, complete=_known_country), "young-country", {"NIB-CLI-023"}),
    "area code for a prefix": (changed(Client, result=_with_area_code), "young-country", {"NIB-CLI-024"}),
    "a UUID for a request_id": (changed(XmlClient, result=_with_uuid), "long-id", {"NIB-CLI-023"}),
    "the text decides": (
        changed(Client, is_success=lambda _right, members: members.get("status_message") == "Success"),
        "success-text",
        {"NIB-CLI-023"},
    ),
    "attributes by their place": (changed(XmlClient, read=_by_place), "extra", {"NIB-CLI-034"}),
    "an escape of JSON left": (changed(Client, params=_with_escapes), "no-break-space", set()),
    "separators replaced": (changed(SigningClient, params=_with_separators_replaced), "separators", {"NIB-CLI-005"}),
}
