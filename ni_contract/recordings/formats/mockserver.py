"""Expectations and recordings of MockServer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import pick
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of


def _convert(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    asked = record(pick(item, "httprequest"), "httpRequest")
    told = record(pick(item, "httpresponse") or {"statusCode": 200}, "httpResponse")
    request = StubRequest()
    request.match(asked)
    request.match_path(str(pick(asked, "path") or ""))
    yield stub_of(request, stub_answer(told, pick(told, "body")), place)


FORMAT = document(
    "mockserver",
    "MockServer expectations",
    ("item.httpRequest", "httpRequest"),
    ("item", ""),
    _convert,
    "expectation",
    is_stub=True,
)
