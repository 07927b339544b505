"""Templates and patterns in place of values: detected, so that they are marked and not judged."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, KNOWN
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.response import KEYS, ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange

# Handlebars and Jinja, ERB, shell and JavaScript, Ruby.
_SURE_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}]*\}|#\{[^}]*\}", re.DOTALL)
# Filters of recorders write names in angle brackets, but so does XML.
TEMPLATE: Final = re.compile(f"{_SURE_TEMPLATE.pattern}|<[A-Z][A-Z0-9_]*>", re.DOTALL)
ANSWER_BODY: Final = "answer body"


def without_templates(exchange: Exchange, *patterns: str) -> Exchange:
    """*exchange* with the places marked that hold a template, and *patterns*, the places of a stub's patterns."""
    answer, found = exchange.answer, (*patterns, *_in_request(exchange))
    if isinstance(answer, Answer):
        text = answer.body.decode("utf-8", "replace")
        if TEMPLATE.search(text):
            parsed = ParsedResponse(answer, parse_request(exchange.request).format == "xml")
            values = ((name, value) for name, value in parsed.keys.items() if name in KEYS and isinstance(value, str))
            found = (*found, *(parsed.place(name) for name, value in values if TEMPLATE.search(value)))
            if parsed.problem is not None and _SURE_TEMPLATE.search(text):
                answer = replace(answer, body=b"", body_recorded=False)
                found = (*found, ANSWER_BODY)
    if not found:
        return exchange
    return replace(exchange, answer=answer, templated=(*exchange.templated, *dict.fromkeys(found)))


def _in_request(exchange: Exchange) -> Iterator[str]:
    asked = parse_request(exchange.request)
    for name, value in (*asked.query, *asked.body):
        if name not in CREDENTIAL_NAMES and TEMPLATE.search(value):
            yield f"parameter {name}"
    # A template may contain the characters that separate parameters.
    if _SURE_TEMPLATE.search(unquote_plus(exchange.request.url.partition("?")[2])) and asked.problem:
        yield "parameters"


def named_places(places: tuple[str, ...]) -> str:
    """*places* for people: those of a lookup by their names, all others by one word."""
    known = {f"parameter {name}" for name in KNOWN} | {ANSWER_BODY}
    named = (place if place in known or place[:1] in ("$", "/") else "another parameter" for place in places)
    return ", ".join(sorted(set(named)))
