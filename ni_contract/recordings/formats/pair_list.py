"""Lists of requests with their responses: php-vcr, ExVCR, EasyVCR, httpretty, first versions of vcrpy and VCR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Exchange, Failure
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import pick
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import exchange_in, record, request_in
from ni_contract.recordings.templates import without_templates


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    response = pick(record(item, "the entry"), "response")
    if isinstance(response, Mapping) and response.get("type") == "error":
        # ExVCR keeps errors of the connection.
        request = request_in(record(pick(item, "request"), "request"))
        yield Exchange(
            request, Failure("reset", str(pick(response, "reason", "body") or "error")), place, filtered=True
        )
        return
    yield without_templates(exchange_in(item, place))


FORMAT = document(
    "pair-list",
    "php-vcr, ExVCR, EasyVCR, httpretty, vcrpy before 1.0, Ruby VCR 1.x",
    Items(("item.request item.response", "item.Request item.Response"), ("item",), _convert, "interaction"),
    "recordings",
)
