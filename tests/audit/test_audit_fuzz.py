"""Every recording can be audited and copied."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from thoroughness import draws

from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.recordings import read_recordings
from ni_contract.recordings.entry import Unreadable
from ni_contract.recordings.layers import UnseenError
from ni_contract.recordings.masking import Masking
from ni_contract.runs.audit import sum_up
from ni_contract.runs.audit.collector import Collector
from ni_contract.runs.audit.plan import AuditRules, audited_clauses
from ni_contract.runs.audit.summary import Summary

RULES = AuditRules(None, audited_clauses())
ODD = st.text() | st.sampled_from(["***", "447700900000", "Basic YTpi", "%ff", "\ud800", "application/json"])
NAMES = st.sampled_from(["Authorization", "Content-Type", "content-encoding", "Accept", "X"]) | st.text(max_size=5)
HEADERS = st.lists(st.tuples(NAMES, ODD), max_size=3).map(tuple)
QUERY = st.lists(
    st.tuples(st.sampled_from(["number", "country", "api_key", "api_secret", "sig", "timestamp", "cnam", "x"]), ODD),
    max_size=5,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["status", "request_id", "status_message", "error_text", "country_code", "country_prefix", "x"])
BODIES = st.binary(max_size=60) | st.dictionaries(KEYS, JSON, max_size=6).map(lambda value: json.dumps(value).encode())
ANSWERS = st.builds(Answer, st.integers(100, 999), HEADERS, BODIES) | st.builds(Failure, st.just("reset"), ODD)
PLACES = st.sampled_from(
    ["https://api.nexmo.com/ni/basic/json?", "http://h/ni/basic/xml?", "https://api.nexmo.com/ni/basic?"]
)
REQUESTS = st.builds(
    lambda method, place, query, headers, body: Request(method, place + query, headers, body),
    st.sampled_from(["GET", "POST", "HEAD", "DELETE", "get", ""]),
    PLACES,
    QUERY,
    HEADERS,
    BODIES | QUERY.map(lambda text: text.encode("utf-8", "surrogatepass")),
)
EXCHANGES = st.builds(Exchange, REQUESTS, ANSWERS, st.just("x"), st.none() | st.floats(0, 2e9), st.booleans())


SAME_ID = Exchange(Request("GET", "http://h/ni/basic/json?"), Answer(100, (), b'{"request_id":" "}'), "x")


@settings(max_examples=draws(20, 60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EXCHANGES, max_size=4))
@example([SAME_ID])
def test_no_exchange_stops_an_audit(exchanges: list[Exchange]) -> None:
    masking = Masking(None)
    summary, collector = Summary(), Collector(RULES)
    collector.take(enumerate([*exchanges, *exchanges], 1))
    sum_up(summary, [(collector.finish(), 0)], RULES)
    for one in exchanges:
        masking.learn(one)
        with suppress(UnseenError):
            masking.line(one)
    assert summary.judged + sum(summary.skipped.values()) == 2 * len(exchanges)
    assert all(0 <= count <= summary.judged for count in summary.conforming.values())
    assert all(summary.failed[clause_id] <= summary.evaluated[clause_id] for clause_id in summary.failed)


@settings(max_examples=draws(50, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.tuples(
        st.sampled_from([b'{"log": {"entries": [', b"interactions:\n- ", b'{"interactions": [', b'{"method": ', b"5:"]),
        JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50),
    ).map(b"".join)
)
def test_no_file_stops_a_reader(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    found: list[Any] = list(read_recordings(tmp_path / "x"))
    assert all(isinstance(one, Exchange | Unreadable) for one in found)
