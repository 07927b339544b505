"""Exchanges from what a test passes: calls, a log, a cassette, a file, responses."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

from ni_contract.contract.scope import location_of
from ni_contract.contract.vocabulary import ANSWER_TYPES, API_PATH, API_URL
from ni_contract.drivers.mocks.convert import (
    REQUESTS,
    RESPONSES,
    UNKNOWN,
    NotAnExchange,
    exchange_of,
    library_of,
    names_of,
    request_of,
    unpacked,
    vcr_exchange,
)
from ni_contract.drivers.mocks.recorder import Recorder
from ni_contract.errors import UsageError
from ni_contract.exchanges.response import KEYS
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings import Recorded, Unreadable, read_recordings
from ni_contract.recordings.entry import attempt
from ni_contract.recordings.formats.har import exchange_of_entry


def exchanges_in(what: Any, recorder: Recorder) -> list[Exchange]:
    """The exchanges in *what*; *recorder* has the answers where a library keeps only the requests.

    Raises UsageError for an object of an unknown kind, or a file that cannot be read.
    """
    library = library_of(what)
    name = type(what).__name__ if library == "builtins" else library
    found = []
    for number, one in enumerate(_found(what, recorder), 1):
        exchange = unpacked(one)
        found.append(exchange if exchange.origin else replace(exchange, origin=f"{name}, call {number}"))
    return found


def _found(what: Any, recorder: Recorder) -> Iterator[Exchange]:
    if isinstance(what, ModuleType) and hasattr(what, "calls"):
        what = what.calls
    # A mock object has every attribute, so it is recognised by its class first.
    if _is_unittest_mock(what):
        raise UsageError(
            f"ni_check was given a {type(what).__name__} of unittest.mock, which has no answer of the API in it; "
            "give it what the mock returns: a response, or the answer as dict, JSON or XML"
        )
    if _is_answer_alone(what):
        yield _answer_alone(what)
    elif isinstance(what, str | os.PathLike):
        yield from _readable(read_recordings(os.fspath(what)))
    elif isinstance(what, Mapping) and isinstance(what.get("log"), Mapping):
        yield from _readable(_har(what))
    elif _is_aioresponses(what):
        yield from _aioresponses(what, recorder)
    elif (container := _CONTAINERS.get(library_of(what))) is not None and not _is_single(what):
        yield from _each(container(what), recorder)
    elif _is_single(what) or not isinstance(what, Iterable):
        yield _one(what, recorder)
    else:
        yield from _each(what, recorder)


def _is_unittest_mock(what: Any) -> bool:
    """Whether *what* is a mock of unittest, and no list of calls: that of respx is a mock as well."""
    return library_of(what) not in _CONTAINERS and any(cls.__module__ == "unittest.mock" for cls in type(what).__mro__)


def _each(items: Iterable[Any], recorder: Recorder) -> Iterator[Exchange]:
    for item in items:
        yield _answer_alone(item) if _is_answer_alone(item) else _one(item, recorder)


def _is_single(what: Any) -> bool:
    """Whether *what* is one exchange or request, no collection; a response may be iterable, over its lines."""
    is_named = not names_of(what).isdisjoint({*REQUESTS, *RESPONSES, "Call"})
    return isinstance(what, Exchange) or is_named or (type(what) is tuple and len(what) == 2)


def _one(item: Any, recorder: Recorder) -> Exchange:
    """The exchange of one object; a recorded one is preferred, because it has the request's body and the time."""
    try:
        if (watched := recorder.exchange_of(item)) is not None:
            return watched
        if names_of(item) & REQUESTS:
            return Exchange(request_of(item), UNKNOWN)
        return exchange_of(item)
    except NotAnExchange as error:
        raise UsageError(
            f"ni_check does not know what to do with {error}; give it calls, a log, a cassette, a HAR file, responses, "
            "exchanges, or an answer as dict, JSON or XML"
        ) from None


def _har(document: Mapping[str, Any]) -> Iterator[Recorded]:
    for number, entry in enumerate(document["log"].get("entries") or (), 1):
        place = f"HAR, entry {number}"
        yield attempt(place, exchange_of_entry, entry, place)


def _readable(recorded: Iterable[Recorded]) -> Iterator[Exchange]:
    for one in recorded:
        if isinstance(one, Unreadable):
            raise UsageError(f"{one.place}: {one.why}")
        yield one


def _calls(what: Any) -> Iterable[Any]:
    """A list of calls, or the calls of an object: a router or route of respx, the module or a mock of responses."""
    calls: Iterable[Any] = what if type(what).__name__ == "CallList" or isinstance(what, list) else what.calls
    return calls


def _cassette(what: Any) -> Iterable[Exchange]:
    pairs = zip(what.requests, what.responses, strict=False)
    return [replace(vcr_exchange(*pair), origin=f"cassette, interaction {n}") for n, pair in enumerate(pairs, 1)]


_CONTAINERS: Final[dict[str, Callable[[Any], Iterable[Any]]]] = {
    "respx": _calls,
    "responses": _calls,
    "pytest_httpx": lambda mock: mock.get_requests(),
    "pytest_httpserver": lambda server: server.log,
    "requests_mock": lambda mock: mock.request_history,
    "vcr": _cassette,
}


def _is_aioresponses(what: Any) -> bool:
    return library_of(what) == "aioresponses" or (
        isinstance(what, Mapping) and bool(what) and all(_is_aiohttp_key(key) for key in what)
    )


def _is_aiohttp_key(key: object) -> bool:
    return isinstance(key, tuple) and len(key) == 2 and library_of(key[1]) == "yarl"


def _aioresponses(what: Any, recorder: Recorder) -> Iterator[Exchange]:
    """The recorded exchanges of aioresponses, which keeps requests by method and URL and drops the answers."""
    asked = what if isinstance(what, Mapping) else what.requests
    places = {(str(method).upper(), location_of(str(url))) for method, url in asked}
    for exchange in recorder.exchanges():
        is_aiohttp = exchange.origin.startswith("aiohttp")
        if is_aiohttp and (exchange.request.method, location_of(exchange.request.url)) in places:
            yield exchange


def _is_answer_alone(value: Any) -> bool:
    """Whether *value* is a mapping with keys of an answer, or text or bytes that begin as JSON or XML does."""
    if isinstance(value, Mapping):
        return any(isinstance(key, str) and key in KEYS for key in value)
    return isinstance(value, str | bytes) and _text(value)[:1] in ("{", "<")


def _answer_alone(value: Any) -> Exchange:
    """The exchange of the answer *value*; of its request only the format is known."""
    text = json.dumps(dict(value), default=repr) if isinstance(value, Mapping) else _text(value)
    wanted = "xml" if text.startswith("<") else "json"
    answer = Answer(200, (("Content-Type", ANSWER_TYPES[wanted]),), text.encode("utf-8", "surrogateescape"))
    return Exchange(
        Request("GET", f"{API_URL}{API_PATH}/{wanted}"), answer, origin="an answer alone", filtered=True, partial=True
    )


def _text(value: str | bytes) -> str:
    text = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    return text.lstrip("\ufeff \t\r\n")
