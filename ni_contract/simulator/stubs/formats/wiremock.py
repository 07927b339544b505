"""Mappings of WireMock."""

from collections.abc import Iterator
from typing import Any, Final

from ni_contract.contract.vocabulary import FORM
from ni_contract.exchanges.credentials import Credentials
from ni_contract.printable import json_text
from ni_contract.simulator.stubs.model import Stub, StubSet

Matchers = dict[str, Any]
ABSENT: Final[Matchers] = {"absent": True}
# WireMock tries mappings with a lower number first; 5 is its default.
_FIRST, _USUAL, _LAST = 1, 5, 9
_IS_FORM: Final[Matchers] = {"Content-Type": {"matches": f"(?i){FORM}\\s*(;.*)?"}}


def write_wiremock(stubs: StubSet) -> str:
    return json_text({"mappings": list(_mappings(stubs))})


def _mappings(stubs: StubSet) -> Iterator[Matchers]:
    for stub in stubs.stubs:
        if not stub.is_refused:
            priority = _USUAL if stub.number else _LAST
            yield from _each_method(stub, _parameters(stub), {}, priority)
            continue
        for parameters, headers in _wrong(stubs.credentials):
            yield from _each_method(stub, parameters, headers, _FIRST)


def _parameters(stub: Stub) -> Matchers:
    if not stub.number:
        return {"number": {"or": [ABSENT, {"equalTo": ""}]}}
    country = [{"equalTo": one} if one else ABSENT for one in stub.countries]
    return {"number": {"equalTo": stub.number}, "country": country[0] if len(country) == 1 else {"or": country}}


def _wrong(right: Credentials | None) -> Iterator[tuple[Matchers, Matchers]]:
    """Parameters and headers of requests with wrong credentials."""
    if right is None:
        yield {"api_secret": ABSENT, "sig": ABSENT}, {"Authorization": ABSENT}
        return
    yield {"api_secret": _other_than(right.api_secret)}, {}
    yield {"api_key": _other_than(right.api_key)}, {}
    yield {"api_key": ABSENT, "api_secret": {"matches": r"[\s\S]*"}}, {}
    yield {"api_secret": ABSENT}, {"Authorization": ABSENT}
    yield {"api_secret": ABSENT}, {"Authorization": {"doesNotMatch": rf"(?i:basic)\s+\Q{right.basic_token()}\E\s*"}}


def _other_than(text: str) -> Matchers:
    return {"matches": rf"(?!\Q{text}\E$)[\s\S]*"}


def _each_method(stub: Stub, parameters: Matchers, headers: Matchers, priority: int) -> Iterator[Matchers]:
    for method, place, more in (("GET_OR_HEAD", "queryParameters", {}), ("POST", "formParameters", _IS_FORM)):
        wanted = {**headers, **more}
        request = {"method": method, "urlPath": stub.path, place: parameters}
        yield {
            "name": f"{stub.title}, {method}",
            "priority": priority,
            "request": {**request, "headers": wanted} if wanted else request,
            "response": {"status": 200, "headers": {"Content-Type": stub.content_type}, "body": stub.text},
        }
