"""Pairs of a request and its response, one tree under the names of many tools: VCR and its family, nock, Charles."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ni_contract.contract.vocabulary import API_URL
from ni_contract.exchanges.values import Failure, header
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import from_base64, headers_in, pick, plain_name, url_in, with_query
from ni_contract.recordings.format import document
from ni_contract.recordings.pairs import exchange_in
from ni_contract.recordings.templates import without_templates

_TERM_HEAD_BYTES = 6


@document
def vcr(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    yield without_templates(exchange_in(item, place))


@document
def pair_list(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    """The exchange; ExVCR also keeps errors of the connection, and bodies as terms: a mark, the length, the bytes."""
    told = pick(item, "response")
    if pick(told, "binary") is True:
        term = from_base64(str(pick(told, "body") or ""))
        if term.startswith(b"\x83m"):
            term = term[_TERM_HEAD_BYTES:]
        item = {**item, "response": {**told, "body": term}}
    if pick(told, "type") == "error":
        failed = exchange_in({**item, "response": None}, place)
        yield replace(failed, answer=Failure("reset", str(pick(told, "reason", "body") or "error")))
    else:
        yield without_templates(exchange_in(item, place))


@document
def azure(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    """The exchange, of both messages in one object; the Java framework stores those of the response in one."""
    told = pick(item, "response")
    if pick(told, "statuscode") is not None:
        headers = {name: value for name, value in told.items() if plain_name(name) not in ("statuscode", "body")}
        told = {"status": pick(told, "statuscode"), "headers": headers, "body": pick(told, "body")}
    else:
        told = item
    yield without_templates(exchange_in({"request": item, "response": told}, place))


@document
def charles(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    told = pick(item, "response")
    parts = {
        "request": {**item, **record(pick(item, "request") or {}, "request")},
        "response": told,
        "time": pick(pick(item, "times"), "start", "requestbegin"),
    }
    if pick(told, "status") is None:
        parts["response"] = None
    if pick(item, "method") != "CONNECT":
        yield exchange_in(parts, place)


def _defined(parts: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    """The exchange of a definition for a mock, which knows a part of the request."""
    yield replace(without_templates(exchange_in(parts, place)), partial=True)


@document
def nock(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    url = url_in(pick(item, "path", "uri"), str(pick(item, "scope", "basepath") or API_URL))
    request = {
        "method": pick(item, "method"),
        "url": with_query(url, pick(item, "query", "queries")),
        "headers": pick(item, "reqheaders", "requestheaders"),
        "body": pick(item, "body"),
    }
    body = pick(item, "response")
    if pick(item, "responseisbinary") is True and isinstance(body, str):
        body = [body]
    told = {
        "status": pick(item, "status", "statuscode", "reply"),
        "headers": pick(item, "rawheaders", "headers"),
        "body": body,
    }
    return _defined({"request": request, "response": told}, place)


@document
def responses(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    told = record(pick(item, "response"), "response")
    headers = headers_in(pick(told, "headers"))
    if (kind := pick(told, "contenttype")) and header(headers, "content-type") is None:
        headers = (*headers, ("Content-Type", str(kind)))
    request = {"method": pick(told, "method"), "url": pick(told, "url")}
    return _defined({"request": request, "response": {**told, "headers": headers}}, place)
