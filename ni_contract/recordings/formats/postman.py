"""Collections of Postman with saved examples, and Newman's reports in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote_plus

from ni_contract.exchanges.values import Exchange, Request
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable
from ni_contract.recordings.fields import headers_in, pick, url_in
from ni_contract.recordings.format import Items, document
from ni_contract.recordings.pairs import answer_in, record
from ni_contract.recordings.templates import without_templates

_VARIABLE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
MAX_FOLDERS: Final = 50


def _convert(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    collection = record(item, "the collection")
    if isinstance(inner := pick(collection, "collection"), Mapping):
        collection = inner
    known = dict(headers_in(pick(collection, "variable", "variables")))
    for name, request, response in _examples(collection, 0):
        where = f"{place}, {name}"
        try:
            yield _exchange(request, record(response, "the example"), where, known)
        except Malformed as error:
            yield Unreadable(where, str(error))


def _examples(folder: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any, Any]]:
    """Name, request and response of each saved example in *folder* and below it."""
    if depth > MAX_FOLDERS:
        return
    for item in (*(pick(folder, "item") or ()), *(pick(folder, "requests") or ())):
        found = record(item, "the item")
        name = str(pick(found, "name") or "request")
        for response in (*(pick(found, "response") or ()), *(pick(found, "responses") or ())):
            yield f"{name}, {pick(response, 'name') or 'example'}", pick(found, "request") or found, response
        if pick(found, "item"):
            yield from _examples(found, depth + 1)


def _exchange(request: Any, response: Mapping[str, Any], place: str, known: Mapping[str, str]) -> Exchange:
    asked = pick(response, "originalrequest", "request") or request
    asked = {"url": asked} if isinstance(asked, str) else record(asked, "the request")
    whole = Request(
        str(pick(asked, "method") or "GET").upper(),
        url_in(_filled(url_in(pick(asked, "url"), ""), known)),
        headers_in(pick(asked, "header", "headers")),
        _filled(_body(asked), known).encode("utf-8", "replace"),
    )
    body = pick(response, "body", "text", "stream")
    headers = pick(response, "header", "headers")
    answer = answer_in({"body": body, "headers": headers}, pick(response, "code", "responsecode", "status"))
    return replace(without_templates(Exchange(whole, answer, place, filtered=True)), partial=True)


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), text)


def _body(asked: Mapping[str, Any]) -> str:
    body = pick(asked, "body")
    if not isinstance(body, Mapping):
        return str(pick(asked, "rawmodedata") or body or "")
    rows = headers_in(pick(body, "urlencoded", "formdata"))
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in rows) or str(pick(body, "raw") or "")


def _execution(item: Any, place: str, _source: Source) -> Iterator[Recorded]:
    run = record(item, "the execution")
    if (response := pick(run, "response")) is not None:
        yield _exchange(pick(run, "request"), record(response, "the response"), place, {})


def _either(item: Any, place: str, source: Source) -> Iterator[Recorded]:
    """The exchanges in an execution of Newman or in an example of a collection."""
    is_run = isinstance(item, Mapping) and "response" in item and "cursor" in item
    if is_run:
        return _execution(item, place, source)
    return _convert(item, place, source)


FORMAT = document(
    "postman",
    "Postman collections with saved examples, Newman's JSON report",
    Items(
        ("run.executions", "info item", "collection.info collection.item", "requests.item.responses"),
        ("run.executions.item", ""),
        _either,
        "collection",
    ),
    is_stub=True,
    rank=-1,
)
