"""Sessions of Charles Proxy, saved as JSON (`.chlsj`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Exchange, Failure, Headers, Request
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import body_in, headers_in, moment_in, pick, status_in, url_in, usual_port_left_out
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import answer_of, record


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    found = record(item, "the transaction")
    asked = record(pick(found, "request") or {}, "request")
    method = str(pick(found, "method") or "GET").upper()
    if method == "CONNECT":
        return
    parts = {**found, "port": pick(found, "port"), "protocol": pick(found, "scheme")}
    body = body_in(pick(asked, "body")) or b""
    request = Request(method, usual_port_left_out(url_in(parts)), _headers(asked), body)
    times = pick(found, "times")
    sent_at = moment_in(pick(times, "start", "requestbegin"))
    told = pick(found, "response")
    if pick(told, "status") is None:
        yield Exchange(request, Failure("reset", "the recording has no answer"), place, sent_at, filtered=True)
        return
    answer = answer_of(status_in(pick(told, "status")), _headers(told), body_in(pick(told, "body")))
    yield Exchange(request, answer, place, sent_at, filtered=True)


def _headers(message: Mapping[str, Any]) -> Headers:
    header = pick(message, "header", "headers")
    return headers_in(pick(header, "headers") or header)


FORMAT = document(
    "charles",
    "Charles Proxy, `.chlsj`",
    Items(("item.scheme item.host item.request",), ("item",), _convert, "transaction"),
)
