"""Expectations and recordings of MockServer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import pick, status_in
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import record
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    expectation = record(item, "the expectation")
    asked, told = record(pick(expectation, "httprequest"), "httpRequest"), pick(expectation, "httpresponse")
    told = record(told or {"statusCode": 200}, "httpResponse")
    request = StubRequest(str(pick(asked, "method") or "ANY"))
    request.match_path(str(pick(asked, "path") or ""))
    request.match_query(pick(asked, "querystringparameters"))
    request.match_headers(pick(asked, "headers"))
    if isinstance(body := pick(asked, "body"), str):
        request.body = body.encode("utf-8", "replace")
    status = status_in(pick(told, "statuscode") or 200)
    yield stub_of(request, stub_answer(status, pick(told, "headers"), pick(told, "body")), place)


FORMAT = document(
    "mockserver",
    "MockServer expectations",
    Items(("item.httpRequest", "httpRequest"), ("item", ""), _convert, "expectation"),
    is_stub=True,
)
