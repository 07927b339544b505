"""WireMock: its mappings (one, a list, a folder with `__files` beside it) and its request journal."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ni_contract.exchanges.values import Answer
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import body_in, from_base64, listed, pick
from ni_contract.recordings.format import document
from ni_contract.recordings.pairs import answer_in, exchange_in
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of


@document
def wiremock(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    asked, told = record(pick(item, "request") or {}, "request"), record(pick(item, "response"), "response")
    request = StubRequest(url=str(pick(asked, "url", "urlpath") or ""))
    request.match(asked)
    request.match_url_pattern(str(pick(asked, "urlpattern", "urlpathpattern", "urlpathtemplate") or ""))
    for pattern in listed(asked, "bodypatterns"):
        known = pick(pattern, "equalto", "equaltojson")
        request.body = body_in(known) or b""
        if known is None:
            request.patterns.append("parameter number")
    yield stub_of(request, _defined_answer(told, source), place)


def _defined_answer(told: Mapping[str, Any], source: Source) -> Answer:
    """The answer in the definition *told*; that of a fault or another server is not known. Raises Malformed."""
    body = pick(told, "body", "jsonbody")
    if (encoded := pick(told, "base64body")) is not None:
        body = from_base64(str(encoded))
    if isinstance(name := pick(told, "bodyfilename"), str):
        body = source.beside(name)
    is_known = pick(told, "fault", "proxybaseurl") is None
    return stub_answer(told, body if is_known else None)


@document
def wiremock_journal(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    """The exchange in an event of the journal, which may have only the definition of the answer."""
    asked, told = record(pick(item, "request") or item, "request"), pick(item, "response")
    if isinstance(told, Mapping) and pick(told, "status"):
        answer = answer_in(_plain(told))
    else:
        answer = _defined_answer(record(pick(item, "responsedefinition"), "response"), source)
    exchange = exchange_in({"request": {"uri": pick(asked, "absoluteurl"), **_plain(asked)}, "response": None}, place)
    yield replace(exchange, answer=answer)


def _plain(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """*message* with its body as bytes, if it has them."""
    encoded = pick(message, "bodyasbase64")
    if isinstance(encoded, str) and encoded:
        return {**message, "body": from_base64(encoded)}
    return message
