"""Simulations of Hoverfly, schema v1 to v5, and its journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import body_in, pick
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, exact_values, stub_answer, stub_of


def _convert(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    told = record(pick(item, "response"), "response")
    body = body_in(pick(told, "body"), pick(told, "encodedbody"))
    if isinstance(name := pick(told, "bodyfile"), str):
        body = source.beside(name)
    yield stub_of(_request(record(pick(item, "request"), "request")), stub_answer(told, body), place)


def _request(asked: Mapping[str, Any]) -> StubRequest:
    request = StubRequest(method=_exact(asked, "method") or "ANY")
    request.url = _exact(asked, "path")
    if not request.url:
        request.match_url_pattern(str(pick(asked, "path") or ""))
    elif host := _exact(asked, "destination"):
        request.url = f"{_exact(asked, 'scheme') or 'https'}://{host}{request.url}"
    query = pick(asked, "query", "querieswithmatchers", "deprecatedquery")
    if isinstance(query, Mapping) and exact_values(query) is None:
        request.match_query(query)
    elif text := "".join(exact_values(query) or ()):
        request.url += f"?{text}"
    elif query:
        request.patterns.append("parameter number")
    request.match_headers(pick(asked, "headers", "headerswithmatchers"))
    request.body = _exact(asked, "body").encode("utf-8", "replace")
    return request


def _exact(asked: Mapping[str, Any], name: str) -> str:
    return "".join(exact_values(pick(asked, name)) or ())


FORMAT = document(
    "hoverfly",
    "Hoverfly simulations, v1 to v5, and its journal",
    ("data.pairs", "journal.item.request"),
    ("data.pairs.item", "journal.item"),
    _convert,
    "pair",
    is_stub=True,
)
