"""Recordings and definitions of nock, and fixtures of nock back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ni_contract.exchanges.values import Exchange, Request
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import (
    API,
    body_in,
    headers_in,
    pick,
    status_in,
    url_in,
    usual_port_left_out,
    with_query,
)
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import answer_of, record
from ni_contract.recordings.templates import without_templates


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    found = record(item, "the entry")
    scope = str(pick(found, "scope", "basepath") or API)
    url = usual_port_left_out(with_query(url_in(pick(found, "path", "uri"), scope), pick(found, "query", "queries")))
    headers = headers_in(pick(found, "reqheaders", "requestheaders"))
    request = Request(str(pick(found, "method") or "GET").upper(), url, headers, body_in(pick(found, "body")) or b"")
    written = pick(found, "response")
    if pick(found, "responseisbinary") is True and isinstance(written, str):
        written = [written]
    told = headers_in(pick(found, "rawheaders", "headers"))
    answer = answer_of(status_in(pick(found, "status", "statuscode", "reply")), told, body_in(written))
    exchange = without_templates(Exchange(request, answer, place, filtered=True))
    yield replace(exchange, partial=True)


FORMAT = document(
    "nock", "nock", Items(("item.scope item.response",), ("item",), _convert, "definition"), is_stub=True, rank=-1
)
