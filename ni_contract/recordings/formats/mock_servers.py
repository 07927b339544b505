"""Definitions of mock servers: simulations of Hoverfly, expectations of MockServer, imposters of mountebank."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ni_contract.exchanges.values import Answer
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, record
from ni_contract.recordings.fields import body_in, listed, pick
from ni_contract.recordings.format import converted, document
from ni_contract.recordings.stubs import StubRequest, exact_values, stub_answer, stub_of

_EXACTLY = ("equals", "deepEquals")
_COMBINED = {"and": None, "or": 1}


@document
def hoverfly(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    told = record(pick(item, "response"), "response")
    body = body_in(pick(told, "body"), pick(told, "encodedbody"))
    if isinstance(name := pick(told, "bodyfile"), str):
        body = source.beside(name)
    yield stub_of(_hoverfly_request(record(pick(item, "request"), "request")), stub_answer(told, body), place)


def _hoverfly_request(asked: Mapping[str, Any]) -> StubRequest:
    request = StubRequest(method=_exact(asked, "method") or "ANY")
    request.url = _exact(asked, "path")
    if not request.url:
        request.match_url_pattern(str(pick(asked, "path") or ""))
    elif host := _exact(asked, "destination"):
        request.url = f"{_exact(asked, 'scheme') or 'https'}://{host}{request.url}"
    query = pick(asked, "query", "querieswithmatchers", "deprecatedquery")
    if isinstance(query, Mapping) and exact_values(query) is None:
        request.match_parameters(request.query, query)
    elif text := "".join(exact_values(query) or ()):
        request.url += f"?{text}"
    elif query:
        request.patterns.append("parameter number")
    request.match_headers(pick(asked, "headers", "headerswithmatchers"))
    request.body = _exact(asked, "body").encode("utf-8", "replace")
    return request


def _exact(asked: Mapping[str, Any], name: str) -> str:
    return "".join(exact_values(pick(asked, name)) or ())


@document
def mockserver(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    asked = record(pick(item, "httprequest"), "httpRequest")
    told = record(pick(item, "httpresponse") or {"statusCode": 200}, "httpResponse")
    request = StubRequest()
    request.match(asked)
    request.match_path(str(pick(asked, "path") or ""))
    yield stub_of(request, stub_answer(told, pick(told, "body")), place)


@document
def mountebank(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    convert = partial(_stub, pick(item, "defaultresponse"))
    for number, stub in enumerate(listed(item, "stubs"), 1):
        yield from converted(stub, "stub", convert, f"{place}, stub {number}", source)


def _stub(default: Any, stub: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    for response in listed(stub, "responses"):
        request = StubRequest()
        for predicate in listed(stub, "predicates"):
            _match(request, predicate)
        yield stub_of(request, _answer(record(response, "the response"), default), place)


def _match(request: StubRequest, predicate: Any) -> None:
    for kind, matched in record(predicate, "the predicate").items():
        if kind in _COMBINED and isinstance(matched, list):
            # Of those that exclude each other the first one is taken.
            for one in matched[: _COMBINED[kind]]:
                _match(request, one)
        elif kind in _EXACTLY:
            request.match(record(matched, "the predicate"))
            request.url = str(pick(matched, "path") or request.url)
        elif isinstance(matched, Mapping):
            _roughly(request, matched)


def _roughly(request: StubRequest, matched: Mapping[str, Any]) -> None:
    """The part of a pattern that is known: the format in a path, nothing in other fields."""
    if isinstance(path := pick(matched, "path"), str) and not request.url:
        request.match_url_pattern(path)
    query = pick(matched, "query", "form")
    if isinstance(query, Mapping):
        request.patterns += [f"parameter {name}" for name in query]
    if pick(matched, "body") is not None:
        request.patterns.append("parameter number")


def _answer(response: Mapping[str, Any], default: Any) -> Answer:
    """The answer; that of a proxy, an injection or a fault is not known."""
    told = pick(response, "is")
    if told is None:
        return Answer(200, body_recorded=False)
    whole = {**(default if isinstance(default, Mapping) else {}), **record(told, "the response")}
    return stub_answer(whole, body_in(pick(whole, "body"), pick(whole, "mode") == "binary"))
