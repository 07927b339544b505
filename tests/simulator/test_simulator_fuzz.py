"""Any bytes at all get a documented answer or a clean HTTP 4xx, in process; over sockets: bench/simulator_fuzz.py."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulator.conftest import Simulate
from thoroughness import draws

from ni_contract.contract.vocabulary import FORM, JSON_TYPES

STATUSES = {0, 3, 4, 5}
NAMES = st.sampled_from(["number", "country", "cnam", "api_key", "api_secret", "sig", "timestamp"]) | st.text(
    max_size=5
)
NUMBERS = st.text("0123456789+-() ", max_size=20) | st.sampled_from(["441632960960", "+1 415 555 0100", "80012345678"])
TEXTS = st.text(max_size=40) | NUMBERS | st.sampled_from(["GB", "US", "gb", "\0", "1-800-FLOWERS"])
ACCOUNTS = st.sampled_from([{}, {"api_key": "n3xm0rocks", "api_secret": "12ab34cd"}])
LEAVES = TEXTS | st.integers() | st.booleans() | st.none() | st.floats()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "authorization", "content-encoding", "content-length", "expect", "accept"]),
    st.text(st.characters(max_codepoint=255), max_size=20)
    | st.sampled_from([FORM, *sorted(JSON_TYPES), "Basic x", "0"]),
)
PATHS = st.sampled_from(["/ni/basic/json", "/ni/basic/xml"])
quick = settings(
    max_examples=draws(40, 200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["documented", "observed"])
def ask(simulate: Simulate, request: pytest.FixtureRequest) -> Any:
    return simulate(edition=request.param)


def is_clean(told: Any) -> bool:
    """Whether *told* is a documented answer or a 4xx."""
    if told.http_status != 200:
        return 400 <= told.http_status < 500
    if told.headers["content-type"] == "application/json":
        return told.status in STATUSES
    return int(told.xml.find("error").get("code")) in STATUSES


@quick
@given(st.sampled_from(["GET", "POST", "PUT"]), PATHS, st.binary(max_size=80), HEADERS, st.binary(max_size=200))
def test_any_bytes(ask: Any, method: str, path: str, query: str, headers: Any, body: Any) -> None:
    assert is_clean(ask(method, path, query, headers, body))


@quick
@given(PATHS, st.dictionaries(NAMES, TEXTS, max_size=6), ACCOUNTS, st.booleans())
def test_any_form(ask: Any, path: str, params: Any, account: Any, posted: Any) -> None:
    form = urlencode({**params, **account}).encode()
    told = ask("POST", path, b"", {"content-type": FORM}, form) if posted else ask("GET", path, form)
    assert told.http_status == 200
    assert is_clean(told)


@quick
@given(st.dictionaries(NAMES, VALUES, max_size=6), ACCOUNTS, st.sampled_from(sorted(JSON_TYPES)), st.booleans())
def test_any_json(ask: Any, members: Any, account: Any, content_type: str, escaped: Any) -> None:
    body = json.dumps({**members, **account}, ensure_ascii=escaped).encode()
    assert is_clean(ask.post(body, content_type))


@quick
@given(VALUES, st.sampled_from(sorted(JSON_TYPES)))
def test_any_json_value(ask: Any, value: Any, content_type: str) -> None:
    assert is_clean(ask.post(json.dumps(value), content_type))


@quick
@given(NUMBERS, st.none() | st.sampled_from(["GB", "US", "IT", "AQ", "XK", "ZZ"]), st.sampled_from(["json", "xml"]))
def test_any_number(ask: Any, number: str, country: Any, fmt: str) -> None:
    params = {"number": number} if country is None else {"number": number, "country": country}
    told = ask.get(fmt, **params)
    assert told.http_status == 200
    assert is_clean(told)
