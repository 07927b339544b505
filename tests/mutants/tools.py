"""Parts of mutants: a right provider, and changes of requests and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from direct import direct_app

from ni_contract.drivers.provider.target import IN_PROCESS_URL
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Failure, Request, header
from ni_contract.runs.embedded import VirtualClock
from ni_contract.simulator import Settings, create_app

Facts = dict[str, Any]
Before = Callable[["Seen"], "Request | Answer"]
After = Callable[["Seen", Answer], Answer]

ACCOUNT = Credentials()
RATE = 5
COUNTRY_KEYS = ("country_code", "country_code_iso3", "country_name", "country_prefix")


@dataclass
class Seen:
    """A request with the state of its provider."""

    request: Request
    memory: dict[str, Any]
    ask: Callable[[Request], Answer]

    @cached_property
    def asked(self) -> ParsedRequest:
        """The request, parsed."""
        return parse_request(self.request)

    def get(self, name: str) -> str | None:
        """The value of the parameter *name*."""
        return self.asked.get(name)

    def again(self, **changes: str) -> Request:
        """The request as a GET with valid credentials and other values for the parameters in *changes*."""
        params = {"number": self.get("number"), "country": self.get("country"), **changes}
        params |= {"api_key": ACCOUNT.api_key, "api_secret": ACCOUNT.api_secret}
        query = "&".join(f"{name}={value}" for name, value in params.items() if value is not None)
        return Request("GET", f"{self.request.url.partition('?')[0]}?{query}")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A provider broken in one way.

    *before* may change the request or answer it; *after* may change the answer. *falls_with* names the clauses that
    must fail together with the mutant's own; *edition* is the one whose simulator is broken.
    """

    before: Before | None = None
    after: After | None = None
    edition: str = "documented"
    falls_with: tuple[str, ...] = ()


class MutantTarget:
    """The target that drives a mutant."""

    name, reachable = "mutant", False

    def __init__(self, mutant: Mutant, clock: VirtualClock, rate: int | None = RATE) -> None:
        settings = Settings(edition=mutant.edition, credentials=ACCOUNT, rate=rate, clock=clock)
        self.mutant, self._simulator = mutant, direct_app(create_app(settings))
        self.base_url = IN_PROCESS_URL
        self.places: tuple[str, ...] = (self.base_url,)
        self.memory: dict[str, Any] = {}

    def send(self, request: Request) -> Answer | Failure:
        """The mutant's answer."""
        seen = Seen(request, self.memory, self._ask)
        changed = self.mutant.before(seen) if self.mutant.before else request
        answer = changed if isinstance(changed, Answer) else self._ask(changed)
        return self.mutant.after(seen, answer) if self.mutant.after else answer

    def _ask(self, request: Request) -> Answer:
        answer = self._simulator.send(request)
        assert isinstance(answer, Answer)
        return answer

    def close(self) -> None:
        """There is nothing to close."""


def is_xml(answer: Answer) -> bool:
    return "xml" in (header(answer.headers, "content-type") or "")


def facts_of(answer: Answer) -> Facts:
    """The documented keys of an answer in either format; the text of XML is under `text`."""
    answered = ParsedResponse(answer, is_xml(answer))
    return {**answered.keys, "status": answered.status, **({"text": answered.text} if answered.is_xml else {})}


def with_facts(answer: Answer, facts: Facts) -> Answer:
    """*answer* with the keys *facts*, in its own format."""
    body = xml_body(facts) if is_xml(answer) else json.dumps(facts, ensure_ascii=False)
    return with_body(answer, body)


def with_body(answer: Answer, body: str | bytes) -> Answer:
    """*answer* with another body, and a length that fits it."""
    data = body.encode() if isinstance(body, str) else body
    headers = tuple((name, value) for name, value in answer.headers if name.lower() != "content-length")
    return replace(answer, headers=headers, body=data)


def xml_body(facts: Mapping[str, Any], root: str = "format") -> str:
    """An XML answer with *facts*."""
    parts = [
        f"<{name}>{escape(facts[name])}</{name}>"
        for name in ("request_id", "international_format_number")
        if name in facts
    ]
    attributes = "".join(f" {name}={quoteattr(facts[name])}" for name in COUNTRY_KEYS if name in facts)
    if attributes or "national_format_number" in facts:
        parts.append(f"<local_number{attributes}>{escape(facts.get('national_format_number', ''))}</local_number>")
    parts.append(f'<error code="{facts["status"]}">{escape(facts.get("text", ""))}</error>')
    return f"<{root}>{''.join(parts)}</{root}>"


def answering(
    applies: Callable[[Seen, Facts], bool], change: Callable[[Facts], Facts], edition: str = "documented"
) -> Mutant:
    """A provider that changes the facts of each answer to which that *applies*, in both formats."""

    def after(seen: Seen, answer: Answer) -> Answer:
        facts = facts_of(answer)
        return with_facts(answer, change(facts)) if applies(seen, facts) else answer

    return Mutant(after=after, edition=edition)


def on_success(change: Callable[[Facts], Facts]) -> Mutant:
    """Every success with the keys in *change* of its facts replaced."""
    return answering(lambda seen, facts: facts["status"] == 0, lambda facts: facts | change(facts))


def on_refusal(change: Callable[[Facts], Facts], edition: str = "documented") -> Mutant:
    """The same for every answer with another status than 0."""
    return answering(lambda seen, facts: facts["status"] not in (0, None), lambda facts: facts | change(facts), edition)


def without(facts: Facts, *names: str) -> Facts:
    """*facts* without the keys *names*."""
    return {name: value for name, value in facts.items() if name not in names}


def page(http_status: int) -> Answer:
    """A gateway's answer: HTML."""
    return Answer(http_status, (("content-type", "text/html"),), b"<html><body>no</body></html>")


def refusal(status: int, text: str = "Invalid request") -> Answer:
    """A refusal in JSON, as documented."""
    body = json.dumps({"status": status, "error_text": text, "request_id": "11111111-2222-4333-8444-555555555555"})
    return Answer(200, (("content-type", "application/json"),), body.encode())


def fresh_refusal(status: int) -> Callable[[Seen], Answer]:
    """Refusals with ids of their own."""

    def make(seen: Seen) -> Answer:
        seen.memory["refusals"] = seen.memory.get("refusals", 0) + 1
        answer = refusal(status)
        facts = facts_of(answer) | {"request_id": f"mutant-{seen.memory['refusals']}"}
        if seen.asked.format == "xml":
            xml = replace(answer, headers=(("content-type", "text/xml"),))
            return with_body(xml, xml_body({**without(facts, "error_text"), "text": facts["error_text"]}))
        return with_facts(answer, facts)

    return make
