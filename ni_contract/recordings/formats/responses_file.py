"""Files that `responses`, the mocking library of Python, records and loads."""

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
    found = record(pick(record(item, "the entry"), "response"), "response")
    request = request_in({"method": pick(found, "method"), "url": pick(found, "url")})
    answer = answer_in(found)
    content_type = pick(found, "contenttype")
    if content_type and not any(name.lower() == "content-type" for name, _ in answer.headers):
        answer = answer_in({**found, "headers": [*answer.headers, ("Content-Type", content_type)]})
    yield without_templates(Exchange(request, answer, place, filtered=True, partial=True))


FORMAT = document(
    "responses",
    "Files of Python's `responses`",
    Items(("responses.item.response",), ("responses.item",), _convert, "response"),
    "recordings",
    is_stub=True,
)
