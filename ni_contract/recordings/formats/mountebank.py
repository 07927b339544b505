"""Imposters of mountebank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ni_contract.exchanges.values import Answer
from ni_contract.recordings.decompress import Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable, record
from ni_contract.recordings.fields import body_in, pick
from ni_contract.recordings.format import document
from ni_contract.recordings.stubs import StubRequest, stub_answer, stub_of

_EXACTLY = ("equals", "deepEquals")


def _convert(item: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    for number, stub in enumerate(pick(item, "stubs") or (), 1):
        try:
            yield from _stub(record(stub, "the stub"), f"{place}, stub {number}", pick(item, "defaultresponse"))
        except Malformed as error:
            yield Unreadable(f"{place}, stub {number}", str(error))


def _stub(stub: Mapping[str, Any], place: str, default: Any) -> Iterator[Recorded]:
    for response in pick(stub, "responses") or ():
        request = StubRequest()
        for predicate in pick(stub, "predicates") or ():
            _match(request, predicate)
        yield stub_of(request, _answer(record(response, "the response"), default), place)


def _match(request: StubRequest, predicate: Any) -> None:
    for kind, matched in record(predicate, "the predicate").items():
        if kind == "and":
            for one in matched:
                _match(request, one)
        elif kind == "or":
            # The stub may give any of them; the first one is taken.
            _match(request, matched[0])
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
    names = query if isinstance(query, Mapping) else ()
    request.patterns += [f"parameter {name}" for name in names]
    if pick(matched, "body") is not None:
        request.patterns.append("parameter number")


def _answer(response: Mapping[str, Any], default: Any) -> Answer:
    """The answer; that of a proxy, an injection or a fault is not known."""
    told = pick(response, "is")
    if told is None:
        return Answer(200, body_recorded=False)
    whole = {**(default if isinstance(default, Mapping) else {}), **record(told, "the response")}
    return stub_answer(whole, body_in(pick(whole, "body"), pick(whole, "mode") == "binary"))


FORMAT = document(
    "mountebank",
    "mountebank imposters",
    ("imposters", "stubs.item.responses", "item.stubs.item.responses"),
    ("imposters.item", "item", ""),
    _convert,
    "imposter",
    is_stub=True,
)
