"""Environments of Mockoon, and its older exports of several."""

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Recorded, attempt, record
from ni_contract.recordings.fields import headers_in, listed, pick
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of

_JUDGED = ("query", "params", "body")


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
            yield attempt(name, _exchange, environment, found, response, name, source)


def _exchange(
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
        _match(request, record(rule, "the rule"))
    return stub_of(request, stub_answer(told, _body(response, environment, source)), place)


def _match(request: StubRequest, rule: Mapping[str, Any]) -> None:
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


def _body(response: Mapping[str, Any], environment: Mapping[str, Any], source: Source) -> Any:
    """The body, from its location: in the response, a data bucket, or a file."""
    kind = pick(response, "bodytype")
    if kind == "DATABUCKET":
        buckets, wanted = listed(environment, "data"), pick(response, "databucketid")
        return next((pick(one, "value") for one in buckets if pick(one, "id") == wanted), None)
    if kind == "FILE" or (kind is None and pick(response, "filepath")):
        return source.beside(str(pick(response, "filepath")))
    return pick(response, "body")
