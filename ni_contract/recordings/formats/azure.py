"""Recordings of Azure's test proxy and of older test frameworks of the Azure SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import pick
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import answer_in, record, request_in
from ni_contract.recordings.templates import without_templates


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    entry = record(item, "the entry")
    answer = answer_in({**entry, "body": pick(entry, "responsebody"), "headers": pick(entry, "responseheaders")})
    asked = {
        "method": pick(entry, "requestmethod"),
        "url": pick(entry, "requesturi"),
        "body": pick(entry, "requestbody"),
    }
    request = request_in({**asked, "headers": pick(entry, "requestheaders")})
    yield without_templates(Exchange(request, answer, place, filtered=True))


FORMAT = document(
    "azure",
    "Azure's test proxy",
    Items(("Entries.item.RequestUri",), ("Entries.item",), _convert),
)
