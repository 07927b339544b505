"""Definitions of mock servers: Hoverfly, MockServer, mountebank, WireMock (and its journal of requests), Mockoon."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ni_contract.exchanges.values import Answer
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, attempt, record
from ni_contract.recordings.fields import body_in, from_base64, headers_in, listed, pick
from ni_contract.recordings.format import converted, document
from ni_contract.recordings.pairs import answer_in, exchange_in
from ni_contract.recordings.stubs import StubRequest, exact_values, stub_answer, stub_of

_EXACTLY = ("equals", "deepEquals")
_COMBINED = {"and": None, "or": 1}
_JUDGED = ("query", "params", "body")


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


@document
def wiremock(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    asked, told = record(pick(item, "request") or {}, "request"), record(pick(item, "response"), "response")
    request = StubRequest(url=str(pick(asked, "url", "urlpath") or ""))
    request.match(asked)
    request.match_url_pattern(str(pick(asked, "urlpattern", "urlpathpattern", "urlpathtemplate") or ""))
    for pattern in listed(asked, "bodypatterns"):
        known = pick(pattern, "equalto", "equaltojson")
        request.body = body_in(known) or b""
        if known is None:
            request.patterns.append("parameter number")
    yield stub_of(request, _defined_answer(told, source), place)


def _defined_answer(told: Mapping[str, Any], source: Source) -> Answer:
    """The answer in the definition *told*; that of a fault or another server is not known. Raises Malformed."""
    body = pick(told, "body", "jsonbody")
    if (encoded := pick(told, "base64body")) is not None:
        body = from_base64(str(encoded))
    if isinstance(name := pick(told, "bodyfilename"), str):
        body = source.beside(name)
    if pick(told, "fault", "proxybaseurl") is not None:
        body = None
    return stub_answer(told, body)


@document
def wiremock_journal(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    """The exchange in an event of the journal, which may have only the definition of the answer."""
    asked, told = record(pick(item, "request") or item, "request"), pick(item, "response")
    if isinstance(told, Mapping) and pick(told, "status"):
        answer = answer_in(_plain(told))
    else:
        answer = _defined_answer(record(pick(item, "responsedefinition"), "response"), source)
    exchange = exchange_in({"request": {"uri": pick(asked, "absoluteurl"), **_plain(asked)}, "response": None}, place)
    yield replace(exchange, answer=answer)


def _plain(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """*message* with its body as bytes, if it has them."""
    encoded = pick(message, "bodyasbase64")
    if isinstance(encoded, str) and encoded:
        return {**message, "body": from_base64(encoded)}
    return message


@document
def mockoon(item: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    exported: list[Any] = [{"item": item}]
    if "source" in item:
        exported = listed(item, "data")
    for number, one in enumerate(exported, 1):
        environment = record(pick(record(one, "the export"), "item"), "the environment")
        yield from _environment(environment, f"{place}, environment {number}", source)


def _environment(environment: Mapping[str, Any], place: str, source: Source) -> Iterator[Recorded]:
    for route in listed(environment, "routes"):
        found = record(route, "the route")
        for number, response in enumerate(listed(found, "responses"), 1):
            name = f"{place}, route {pick(found, 'endpoint')}, response {number}"
            yield attempt(name, _route_stub, environment, found, response, name, source)


def _route_stub(
    environment: Mapping[str, Any], route: Mapping[str, Any], given: Any, place: str, source: Source
) -> Recorded:
    response = record(given, "the response")
    headers = (*headers_in(pick(environment, "headers")), *headers_in(pick(response, "headers")))
    named = {name.lower(): (name, value) for name, value in headers}
    told = {"status": pick(response, "statuscode"), "headers": list(named.values())}
    request = StubRequest(str(pick(route, "method") or "get"))
    path = f"/{pick(environment, 'endpointprefix') or ''}/{pick(route, 'endpoint') or ''}".replace("//", "/")
    request.match_path(path.replace("/:", "/*"))
    for rule in listed(response, "rules"):
        _match_rule(request, record(rule, "the rule"))
    return stub_of(request, stub_answer(told, _body_at(response, environment, source)), place)


def _match_rule(request: StubRequest, rule: Mapping[str, Any]) -> None:
    name, target = str(pick(rule, "modifier") or ""), str(pick(rule, "target"))
    operator = pick(rule, "operator") or ("regex" if pick(rule, "isregex") else "equals")
    if target not in _JUDGED:
        return
    if operator != "equals" or pick(rule, "invert") is True:
        request.patterns.append(f"parameter {name.strip('/$.')}")
    elif target == "body":
        request.match_parameters(request.form, {name.strip("/$."): pick(rule, "value")})
    else:
        request.match_parameters(request.query, {name: pick(rule, "value")})


def _body_at(response: Mapping[str, Any], environment: Mapping[str, Any], source: Source) -> Any:
    """The body, from its location: in the response, a data bucket, or a file."""
    kind = pick(response, "bodytype")
    if kind == "DATABUCKET":
        buckets, wanted = listed(environment, "data"), pick(response, "databucketid")
        return next((pick(one, "value") for one in buckets if pick(one, "id") == wanted), None)
    if kind == "FILE" or (kind is None and pick(response, "filepath")):
        return source.beside(str(pick(response, "filepath")))
    return pick(response, "body")
