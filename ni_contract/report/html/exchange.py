"""An exchange as HTML: the request, and the answer with the place of the failure marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.report.html.page import Child, Html, element, joined

Span = tuple[int, int]
_HEADER = "header "
_ATTRIBUTE = re.compile(r"/@([\w.-]+)$")


def exchange_html(exchange: Mapping[str, Any], at: str = "", what: str = "") -> Html:
    """Request and answer of *exchange*, as a JSON report has it; *at* is the place to mark in the answer."""
    request, answer = exchange["request"], exchange["answer"]
    asked = joined(
        [f"{request['method']} {request['url']}", _headers(request["headers"], ""), _body(request["body"], None)]
    )
    return joined(
        [
            element("h4", f"{what} request".strip().capitalize()),
            element("pre", asked, class_="message"),
            element("h4", f"{what} answer".strip().capitalize()),
            element("pre", _answer(answer, at), class_="message"),
        ]
    )


def _answer(answer: Mapping[str, Any], at: str) -> Html:
    if "failure" in answer:
        return element("mark", f"none: {answer['failure']['message']}")
    first: Child = f"HTTP {answer['http_status']}"
    if at == "HTTP status":
        first = element("mark", first)
    return joined([first, _headers(answer["headers"], at.lower()), _body(answer["body"], place_in(answer["body"], at))])


def _headers(headers: list[list[str]], marked: str) -> Iterator[Child]:
    for name, value in headers:
        line: Child = f"{name}: {value}"
        if f"{_HEADER}{name.lower()}" == marked:
            line = element("mark", line)
        yield "\n"
        yield line


def _body(body: str, span: Span | None) -> Iterator[Child]:
    if not body:
        return
    yield "\n\n"
    start, end = span or (len(body), len(body))
    yield body[:start]
    if span:
        yield element("mark", body[start:end])
    yield body[end:]


def place_in(body: str, at: str) -> Span | None:
    """The range of *at* (a JSON path, an XPath, `body`, the name of a key) in *body*, None where it is absent."""
    if at == "body":
        if body:
            return (0, len(body))
        return None
    if at.startswith("/"):
        return _xml_place(body, at)
    return _json_place(body, at.rpartition(".")[2]) or _xml_place(body, f"/*/{at}")


def _json_place(body: str, key: str) -> Span | None:
    found = re.search(rf'"{re.escape(key)}"\s*:\s*', body)
    if found is None:
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(body, found.end())
    except (ValueError, RecursionError):
        return found.span()
    return found.start(), end


def _xml_place(body: str, at: str) -> Span | None:
    attribute = _ATTRIBUTE.search(at)
    tag = re.escape(_ATTRIBUTE.sub("", at).rpartition("/")[2])
    if not tag:
        return None
    name = r"[A-Za-z_][\w.-]*" if at == "/*" else tag
    pattern = rf"(<{name}\b[^<>]*?(?:/>|>[^<]*(?:</{name}\s*>)?))"
    if attribute:
        pattern = rf"<{name}\b[^<>]*?\b({re.escape(attribute[1])}\s*=\s*(?:\"[^\"]*\"|'[^']*'))"
    if found := re.search(pattern, body):
        return found.span(1)
    return None
