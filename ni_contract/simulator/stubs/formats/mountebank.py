"""An imposter of mountebank."""

import re
from collections.abc import Iterator
from typing import Any

from ni_contract.exchanges.credentials import Credentials
from ni_contract.printable import json_text
from ni_contract.simulator.stubs.model import Stub, StubSet

Predicate = dict[str, Any]


def write_mountebank(stubs: StubSet) -> str:
    imposter = {
        "protocol": "http",
        "name": "Number Insight Basic",
        "defaultResponse": {"statusCode": 404},
        "stubs": [_stub(one, stubs.credentials) for one in stubs.stubs],
    }
    return json_text({"imposters": [imposter]})


def _stub(stub: Stub, right: Credentials | None) -> Predicate:
    answer = {"statusCode": 200, "headers": {"Content-Type": stub.content_type}, "body": stub.text}
    ways = [
        _all({"matches": {"method": f"^({method})$"}}, *_matched(stub, right, place))
        for method, place in (("GET|HEAD", "query"), ("POST", "form"))
    ]
    return {
        "_name": stub.title,
        "predicates": [{"equals": {"path": stub.path}, "caseSensitive": True}, {"or": ways}],
        "responses": [{"is": answer}],
    }


def _matched(stub: Stub, right: Credentials | None, place: str) -> Iterator[Predicate]:
    """Predicates for the parameters in *place*, "query" or "form"."""
    if stub.is_refused:
        yield {"or": list(_wrong(right, place))}
    elif not stub.number:
        yield {"or": [_lacks(place, "number"), _equals(place, "number", "")]}
    else:
        yield _equals(place, "number", stub.number)
        yield {"or": [_equals(place, "country", c) if c else _lacks(place, "country") for c in stub.countries]}


def _wrong(right: Credentials | None, place: str) -> Iterator[Predicate]:
    no_secret = _lacks(place, "api_secret")
    if right is None:
        yield _all(no_secret, _lacks(place, "sig"), _lacks("headers", "Authorization"))
        return
    yield _all(_exists(place, "api_secret"), {"not": _equals(place, "api_secret", right.api_secret)})
    yield _all(_exists(place, "api_key"), {"not": _equals(place, "api_key", right.api_key)})
    yield _all(_exists(place, "api_secret"), _lacks(place, "api_key"))
    basic = f"^[Bb][Aa][Ss][Ii][Cc]\\s+{re.escape(right.basic_token())}\\s*$"
    by_basic = {"matches": {"headers": {"Authorization": basic}}, "caseSensitive": True, "keyCaseSensitive": False}
    yield _all(no_secret, {"not": by_basic})


def _all(*predicates: Predicate) -> Predicate:
    return {"and": list(predicates)}


def _equals(place: str, name: str, value: str) -> Predicate:
    return {"equals": {place: {name: value}}, "caseSensitive": True}


def _exists(place: str, name: str) -> Predicate:
    return {"exists": {place: {name: True}}}


def _lacks(place: str, name: str) -> Predicate:
    # A request without a body has no form at all, of which `exists` says neither true nor false.
    return {"not": _exists(place, name)}
