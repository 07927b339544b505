"""Mappings of WireMock: one of them, a list, a folder of them with `__files` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Answer
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import body_in, from_base64, pick, status_in
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import record
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of


def _convert(item: Any, place: str, source: Source) -> Iterator[Recorded]:
    mapping = record(item, "the mapping")
    asked, told = record(pick(mapping, "request") or {}, "request"), record(pick(mapping, "response"), "response")
    answer = defined_answer(told, source)
    yield stub_of(_request(asked), answer, place)


def defined_answer(told: Mapping[str, Any], source: Source) -> Answer:
    """The answer in the definition *told*; that of a fault or another server is not known. Raises Malformed."""
    body = pick(told, "body", "jsonbody")
    if (encoded := pick(told, "base64body")) is not None:
        body = from_base64(str(encoded))
    if isinstance(name := pick(told, "bodyfilename"), str):
        body = source.beside(name)
    is_known = pick(told, "fault", "proxybaseurl") is None
    return stub_answer(status_in(pick(told, "status") or 200), pick(told, "headers"), body if is_known else None)


def _request(asked: Mapping[str, Any]) -> StubRequest:
    request = StubRequest(method=str(pick(asked, "method") or "ANY"))
    request.url = str(pick(asked, "url", "urlpath") or "")
    request.match_url_pattern(str(pick(asked, "urlpattern", "urlpathpattern", "urlpathtemplate") or ""))
    request.match_query(pick(asked, "queryparameters"))
    request.match_form(pick(asked, "formparameters"))
    request.match_headers(pick(asked, "headers"))
    for pattern in pick(asked, "bodypatterns") or ():
        _match_body(request, pattern)
    return request


def _match_body(request: StubRequest, pattern: Any) -> None:
    known = pick(pattern, "equalto", "equaltojson")
    if isinstance(known, str):
        request.body = known.encode("utf-8", "replace")
    elif known is not None:
        request.body = body_in(known) or b""
    else:
        request.patterns.append("parameter number")


FORMAT = document(
    "wiremock",
    "WireMock mappings, and folders of them",
    Items(
        (
            "mappings",
            "request.url|request.urlPath|request.urlPattern|request.urlPathPattern|request.urlPathTemplate response",
        ),
        ("mappings.item", ""),
        _convert,
        "mapping",
    ),
    is_stub=True,
)
