"""Stubs and pacts: exchanges whose request is known only as far as the stub matches it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final
from urllib.parse import quote, urlencode

from ni_contract.contract.vocabulary import API_PATH
from ni_contract.exchanges.response import KEYS
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.fields import (
    as_text,
    body_in,
    headers_in,
    pick,
    plain_name,
    status_in,
    url_in,
    usual_port_left_out,
    with_query,
)
from ni_contract.recordings.pairs import answer_of
from ni_contract.recordings.templates import without_templates

_EXACT: Final = ("equalto", "exact", "exactmatch", "equals", "equaltojson", "value", "eq", "const")
_PATTERN_PATH: Final = re.compile(rf"{API_PATH}\b[^?]*")
ANY: Final = "ANY"
MIN_KEYS: Final = 3


@dataclass(slots=True)
class StubRequest:
    """The parts of a request that a stub matches. Places of inexact values are in *patterns*."""

    method: str = ANY
    url: str = ""
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    form: list[tuple[str, str]] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    url_pattern: str = ""

    def match(self, asked: Mapping[str, Any]) -> None:
        """Adds what *asked* has under the usual names: method, query, form, headers, a body that is text."""
        self.method = str(pick(asked, "method") or self.method)
        self.match_parameters(self.query, pick(asked, "query", "queryparameters", "querystringparameters"))
        self.match_parameters(self.form, pick(asked, "form", "formparameters"))
        self.match_headers(pick(asked, "headers"))
        if isinstance(body := pick(asked, "body"), str):
            self.body = body.encode("utf-8", "replace")

    def match_parameters(self, place: list[tuple[str, str]], matchers: object) -> None:
        """Adds to *place* (`query` or `form`) an object from names of parameters to a value, or to a matcher of one."""
        for name, matcher in _named(matchers):
            values = exact_values(matcher)
            place += [(name, value) for value in values or ()]
            if not values:
                self.patterns.append(f"parameter {name}")

    def match_headers(self, matchers: object) -> None:
        """The same for headers; a header with a pattern is unknown."""
        for name, matcher in _named(matchers):
            self.headers += [(name, value) for value in exact_values(matcher) or ()]

    def _url_by(self, answer: bytes) -> str:
        if found := _PATTERN_PATH.search(self.url_pattern):
            return f"{API_PATH}/{_format_in(found[0], answer)}"
        if re.search(r"\w", self.url_pattern) or sum(name.encode() in answer for name in KEYS) < MIN_KEYS:
            return self.url_pattern
        return f"{API_PATH}/{_format_in('', answer)}"

    def match_url_pattern(self, pattern: str) -> None:
        """Adds a regular expression for the URL, of which only the path is used."""
        self.url_pattern = re.sub(r"\\(.)", r"\1", pattern)
        if "number" in self.url_pattern:
            self.patterns.append("parameter number")

    def match_path(self, path: str) -> None:
        """Adds a path; a text that looks like a regular expression is read as one."""
        if re.search(r"[*+?()\[\]{}|\\^$]", path):
            self.match_url_pattern(path)
        else:
            self.url = path

    def request(self, answer: bytes) -> Request:
        """The request, as far as it is known; where the stub omits the path, the format of *answer* gives it."""
        if not self.url:
            self.url = self._url_by(answer)
        url = with_query(url_in(self.url or "/"), self.query)
        body = self.body or urlencode(self.form, quote_via=quote).encode()
        method = self.method.upper()
        if method == ANY or not method.isalpha():
            method = ("GET", "POST")[bool(self.form)]
        return Request(method, usual_port_left_out(url), tuple(self.headers), body)


def _named(matchers: object) -> Iterator[tuple[str, Any]]:
    """Names with their matchers, from an object or from rows with a name."""
    if isinstance(matchers, Mapping):
        yield from ((str(name), matcher) for name, matcher in matchers.items())
    elif isinstance(matchers, list):
        for row in matchers:
            if isinstance(row, Mapping) and (name := pick(row, "name", "key")) is not None:
                yield str(name), pick(row, "value", "values")


def exact_values(matcher: object) -> list[str] | None:
    """The values that *matcher* fixes exactly; None where it is a pattern."""
    if isinstance(matcher, list):
        each = [exact_values(one) for one in matcher]
        found = list(chain.from_iterable(values or () for values in each))
        if found and None not in each:
            return found
        return None
    if isinstance(matcher, Mapping):
        kind = str(pick(matcher, "matcher") or "exact").lower()
        if kind not in _EXACT:
            return None
        if "hasexactly" in map(plain_name, matcher):
            return exact_values(pick(matcher, "hasexactly"))
        return exact_values(pick(matcher, *_EXACT))
    if matcher is None:
        return None
    return [as_text(matcher)]


def _format_in(path: str, body: bytes) -> str:
    """json or xml: from *path*, or from *body* where the path has both or neither."""
    named = [name for name in ("json", "xml") if name in path]
    if len(named) == 1:
        return named[0]
    if body.lstrip().startswith(b"<"):
        return "xml"
    return "json"


def stub_of(request: StubRequest, answer: Answer, place: str) -> Exchange:
    exchange = Exchange(request.request(answer.body), answer, place, None, filtered=True, partial=True)
    return without_templates(exchange, *request.patterns)


def stub_answer(told: Mapping[str, Any], body: Any) -> Answer:
    """The answer of a stub, with status 200 where it has none; a *body* of None is not defined. Raises Malformed."""
    return answer_of(
        status_in(pick(told, "status", "statuscode") or 200), headers_in(pick(told, "headers")), body_in(body)
    )
