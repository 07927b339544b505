"""No exchange crashes the judge, and the simulator passes it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from direct import direct_app
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import draws

from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge
from ni_contract.simulator import Settings, create_app

ACCOUNT = Credentials()
BINDING = {edition: {c.id for c in load_catalogue() if c.binds(edition)} for edition in EDITIONS}
SIMULATORS = {
    edition: direct_app(create_app(Settings(edition=edition, clock=lambda: 1_795_427_367.0))) for edition in EDITIONS
}

anything = st.text(st.characters(codec=None), max_size=30)
names = st.sampled_from(["number", "country", "cnam", "api_key", "api_secret", "sig", "timestamp", "x", ""])
numbers = st.sampled_from(
    [
        "441632960960",
        "+44 1632 960960",
        "01632960960",
        "12",
        "1" * 30,
        " " * 60 + "447700900000",
        "١٢٣",
        "44\x0c",
        "a&<",
    ]
)
values = st.one_of(
    numbers,
    st.sampled_from(["GB", "US", "gb", "ZZ", "true", "n3xm0rocks", "12ab34cd", "12AB34CD", ""]),
    st.text(max_size=8),
)
pairs = st.lists(st.tuples(names, values), max_size=5)
credentials = st.sampled_from(
    [[], [("api_key", "n3xm0rocks"), ("api_secret", "12ab34cd")], [("api_key", "n3xm0rocks")], [("api_key", "no")]]
)
headers = st.lists(
    st.sampled_from(
        [
            ("Authorization", f"Basic {ACCOUNT.basic_token()}"),
            ("Authorization", "Bearer x"),
            ("Authorization", "Basic !"),
            ("Accept", "text/xml"),
            ("Content-Encoding", "gzip"),
            ("Content-Type", f"{FORM}; charset=utf-16"),
            ("Content-Type", "text/plain"),
            *(("Content-Type", name) for name in (FORM, *JSON_TYPES)),
        ]
    ),
    max_size=2,
)


def form(parameters: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name)}={quote(value, errors='replace')}" for name, value in parameters)


def json_text(parameters: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in parameters) + "}"


@st.composite
def requests(draw: st.DrawFn) -> Request:
    parameters = draw(pairs) + draw(credentials)
    path = draw(st.sampled_from(["/json", "/xml"]))
    base = f"http://in-process.invalid/ni/basic{path}"
    if draw(st.booleans()):
        return Request("GET", f"{base}?{form(parameters)}", tuple(draw(headers)))
    body = draw(st.sampled_from([form, json_text]))(parameters)
    query = draw(st.sampled_from(["", "?number=441632960960"]))
    return Request("POST", base + query, tuple(draw(headers)), body.encode())


@pytest.mark.parametrize("edition", EDITIONS)
@settings(max_examples=draws(60, 300), deadline=None)
@given(asked=st.lists(requests(), min_size=1, max_size=3))
def test_judge_passes_simulator(edition: str, asked: list[Request]) -> None:
    """The judge finds nothing wrong with the simulator."""
    judge = Judge(ACCOUNT)
    for request in asked:
        answer = SIMULATORS[edition].send(request)
        broken = judge.provider(Exchange(request, answer, "drawn", 1_795_427_367.0))
        found = [(one.clause_id, one.finding) for one in broken if one.clause_id in BINDING[edition]]
        assert not found, (request, answer)


surrogates = st.sampled_from(
    ["\ud800", "http://[::1/json", "https://\u2100/json", "?sig=\udfff", "²", "http://h?number=1"]
)
urls = st.one_of(surrogates, anything, requests().map(lambda request: request.url))
odd_json: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=5,
)
bodies = st.one_of(
    st.binary(max_size=60),
    odd_json.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"[" * 100_000, b'{"number": ' * 989 + b"1" + b"}" * 989, b"<a>" * 5000, b'{"number": "\\ud800"}']
    ),
    st.dictionaries(
        st.sampled_from(["status", "request_id", "country_code", "country_prefix", "international_format_number"]),
        st.one_of(odd_json, values, st.just(0)),
    ).map(lambda value: json.dumps(value).encode()),
)


@settings(max_examples=draws(100, 400), deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "get", ""]),
    url=urls,
    header_list=headers,
    body=bodies,
    answer=bodies,
    http_status=st.sampled_from([200, 200, 404, 0]),
    failed=st.booleans(),
)
def test_no_exchange_crashes_judge(
    method: str,
    url: str,
    header_list: list[tuple[str, str]],
    body: bytes,
    answer: bytes,
    http_status: int,
    failed: bool,
) -> None:
    request = Request(method, url, tuple(header_list), body)
    outcome = Failure("reset", "gone") if failed else Answer(http_status, tuple(header_list), answer)
    for account in (ACCOUNT, None):
        judge = Judge(account)
        judge.provider(Exchange(request, outcome, "drawn", 1.0))
        judge.client(Exchange(request, outcome, "drawn", 1.0))
