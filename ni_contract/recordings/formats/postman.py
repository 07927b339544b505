"""Collections of Postman with saved examples, and Newman's reports in JSON."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from ni_contract.exchanges.values import Exchange, Request
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, attempt, record
from ni_contract.recordings.fields import headers_in, listed, pick, url_in
from ni_contract.recordings.format import document
from ni_contract.recordings.pairs import answer_in
from ni_contract.recordings.templates import without_templates

_VARIABLE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
MAX_FOLDERS: Final = 50


@document
def postman(collection: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    if isinstance(inner := pick(collection, "collection"), Mapping):
        collection = inner
    known = dict(headers_in(pick(collection, "variable", "variables")))
    for name, request, response in _examples(collection, 0):
        where = f"{place}, {name}"
        yield attempt(where, _exchange, request, response, where, known)


def _examples(folder: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any, Any]]:
    """Name, request and response of each saved example in *folder* and below it."""
    if depth > MAX_FOLDERS:
        return
    for item in (*listed(folder, "item"), *listed(folder, "requests")):
        found = record(item, "the item")
        name = str(pick(found, "name") or "request")
        for response in (*listed(found, "response"), *listed(found, "responses")):
            yield f"{name}, {pick(response, 'name') or 'example'}", pick(found, "request") or found, response
        if pick(found, "item"):
            yield from _examples(found, depth + 1)


def _exchange(request: Any, example: Any, place: str, known: Mapping[str, str]) -> Exchange:
    response = record(example, "the response")
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
    return urlencode(headers_in(pick(body, "urlencoded", "formdata"))) or str(pick(body, "raw") or "")


@document
def newman(run: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    if (response := pick(run, "response")) is not None:
        yield _exchange(pick(run, "request"), response, place, {})
