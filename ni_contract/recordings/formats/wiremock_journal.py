"""The request journal of WireMock: its requests and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import from_base64, moment_in, pick
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.formats.wiremock import defined_answer
from ni_contract.recordings.pairs import answer_in, record, request_in


def _convert(item: Any, place: str, source: Source) -> Iterator[Recorded]:
    event = record(item, "the event")
    asked = record(pick(event, "request") or event, "request")
    request = request_in({"url": pick(asked, "absoluteurl", "url"), **_plain(asked), "queryParams": None})
    yield Exchange(request, _answer(event, source), place, moment_in(pick(asked, "loggeddate")), filtered=True)


def _answer(event: Mapping[str, Any], source: Source) -> Answer:
    told, defined = pick(event, "response"), pick(event, "responsedefinition")
    if isinstance(told, Mapping) and pick(told, "status"):
        return answer_in(_plain(told))
    return defined_answer(record(defined, "response"), source)


def _plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """*message* with its body as bytes, if it has them."""
    encoded = pick(message, "bodyasbase64")
    body = from_base64(encoded) if isinstance(encoded, str) and encoded else pick(message, "body")
    return {name: pick(message, name) for name in ("method", "status", "headers")} | {"body": body}


FORMAT = document(
    "wiremock-journal",
    "WireMock's request journal",
    Items(
        ("requests.item.request requests.item.responseDefinition|requests.item.response", "request responseDefinition"),
        ("requests.item", ""),
        _convert,
        "request",
    ),
    rank=-1,
)
