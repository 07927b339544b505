"""Lists of requests with their responses: php-vcr, ExVCR, EasyVCR, httpretty, first versions of vcrpy and VCR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Exchange, Failure
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.fields import from_base64, pick
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import exchange_in, record, request_in
from ni_contract.recordings.templates import without_templates

_TERM_HEAD_BYTES = 6


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    response = pick(record(item, "the entry"), "response")
    if isinstance(response, Mapping) and response.get("binary") is True:
        item = {**item, "response": {**response, "body": _of_erlang(str(pick(response, "body") or ""))}}
    if isinstance(response, Mapping) and response.get("type") == "error":
        # ExVCR keeps errors of the connection.
        request = request_in(record(pick(item, "request"), "request"))
        yield Exchange(
            request, Failure("reset", str(pick(response, "reason", "body") or "error")), place, filtered=True
        )
        return
    yield without_templates(exchange_in(item, place))


def _of_erlang(text: str) -> bytes:
    """A body that ExVCR stored as a term of Erlang: a mark, the length, the bytes."""
    term = from_base64(text)
    if term.startswith(b"\x83m"):
        return term[_TERM_HEAD_BYTES:]
    return term


FORMAT = document(
    "pair-list",
    "php-vcr, ExVCR, EasyVCR, httpretty, vcrpy before 1.0, Ruby VCR 1.x",
    Items(("item.request item.response", "item.Request item.Response"), ("item",), _convert, "interaction"),
    "recordings",
)
