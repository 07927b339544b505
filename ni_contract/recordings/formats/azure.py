"""Recordings of Azure's test proxy, and of the test frameworks of its SDKs before that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    request = request_in(
        {
            "method": pick(entry, "requestmethod", "method"),
            "url": pick(entry, "requesturi", "uri", "url"),
            "headers": pick(entry, "requestheaders", "headers"),
            "body": pick(entry, "requestbody"),
            "queryparams": pick(entry, "query"),
        }
    )
    yield without_templates(Exchange(request, answer_in(_response_parts(entry)), place, filtered=True))


def _response_parts(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Status, headers and body, which the Java framework stores in one object."""
    told = pick(entry, "response")
    if isinstance(told, Mapping) and pick(told, "statuscode") is not None:
        names = [name for name in told if str(name).lower() not in ("statuscode", "body")]
        headers: Any = {name: told[name] for name in names}
        return {"status": pick(told, "statuscode"), "headers": headers, "body": pick(told, "body")}
    body = pick(entry, "responsebody", "response")
    return {"status": pick(entry, "statuscode", "status"), "headers": pick(entry, "responseheaders"), "body": body}


FORMAT = document(
    "azure",
    "Azure's test proxy, and its SDKs' recordings for JavaScript and Java",
    Items(
        ("Entries.item.RequestUri", "recordings.item.responseHeaders", "networkCallRecords.item.Response"),
        ("Entries.item", "recordings.item", "networkCallRecords.item"),
        _convert,
    ),
)
