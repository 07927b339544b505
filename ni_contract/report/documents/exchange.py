"""An exchange as pieces of text for a page, with the place of the failure marked."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Span = tuple[int, int]
# A text, and whether it is marked.
Piece = tuple[str, bool]
_ATTRIBUTE = re.compile(r"/@([\w.-]+)$")


def request_pieces(exchange: Mapping[str, Any]) -> Iterator[Piece]:
    """The request of *exchange*, as a JSON report has it."""
    request = exchange["request"]
    yield f"{request['method']} {request['url']}", False
    yield from _message(request, "")


def answer_pieces(exchange: Mapping[str, Any], at: str = "") -> Iterator[Piece]:
    """The answer of *exchange*, in which the place *at* is marked."""
    answer = exchange["answer"]
    if "failure" in answer:
        yield f"none: {answer['failure']['message']}", True
        return
    yield f"HTTP {answer['http_status']}", at == "HTTP status"
    yield from _message(answer, at)


def _message(message: Mapping[str, Any], at: str) -> Iterator[Piece]:
    for name, value in message["headers"]:
        yield "\n", False
        yield f"{name}: {value}", f"header {name}".lower() == at.lower()
    if body := message["body"]:
        start, end = (at and place_in(body, at)) or (len(body), len(body))
        yield f"\n\n{body[:start]}", False
        yield body[start:end], start < end
        yield body[end:], False


def place_in(body: str, at: str) -> Span | None:
    """The range of *at* (a JSON path, an XPath, `body`, the name of a key) in *body*, None where it is absent."""
    if at == "body":
        return 0, len(body)
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
