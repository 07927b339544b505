"""The vectors: few, complete, and with the simulator's answers."""

from __future__ import annotations

import json
import time
from itertools import chain

import pytest
from direct import DirectTarget, direct_app

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.contract.spec_files import read_spec
from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.drivers.provider.vectors import Vector, applies, build, lookup_vectors
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer
from ni_contract.runs.live.coverage import measure
from ni_contract.runs.only import cost_of
from ni_contract.simulator import Settings, create_app

VECTORS = lookup_vectors()
ACCOUNT = Credentials("key-ä&=", "Secret+/ %", "sign&ature")


@pytest.fixture(params=EDITIONS, scope="module")
def simulator(request: pytest.FixtureRequest) -> tuple[str, DirectTarget]:
    return request.param, direct_app(create_app(Settings(edition=request.param, credentials=ACCOUNT)))


def test_there_are_at_most_200() -> None:
    assert len(VECTORS) <= 200
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_simulator_answers_each_vector(vector: Vector, simulator: tuple[str, DirectTarget]) -> None:
    edition, target = simulator
    answer = target.send(build(vector, target.base_url, ACCOUNT, time.time()))
    assert isinstance(answer, Answer)
    expected = dict(vector.answer.get(edition, {}))
    assert answer.http_status in expected.pop("http_status", [answer.http_status])
    assert answer.http_status not in expected.pop("http_status_not", [])
    if not expected:
        return
    answered = ParsedResponse(answer, vector.request["path"] == "/xml")
    assert answered.status in expected.pop("status")
    assert answered.text == expected.pop("text", answered.text)
    assert {name: answered.keys[name] for name in expected} == expected


def test_vectors_cover_types_and_credentials() -> None:
    """Every media type, credential and method has a vector."""
    sent = [parse_request(build(vector, "http://h/ni/basic", ACCOUNT, 1.0)) for vector in VECTORS]
    assert {asked.media_type for asked in sent} >= {*JSON_TYPES, "application/x-www-form-urlencoded"}
    assert {asked.method for asked in sent} >= {"GET", "POST", "HEAD", "PUT", "DELETE"}
    methods = {vector.request["sign"]["method"] for vector in VECTORS if "sign" in vector.request}
    assert methods == {"md5hash", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"}


def test_credentials_arrive_unchanged() -> None:
    """Credentials arrive unchanged, whatever characters they have; a key in a list is no text."""
    for vector in VECTORS:
        if vector.id == "body-key-list":
            continue
        if "{{api_key}}" in json.dumps(vector.request) and "{{api_secret}}" in json.dumps(vector.request):
            asked = parse_request(build(vector, "http://h/ni/basic", ACCOUNT, 1.0))
            found = (asked.get("api_key"), asked.get("api_secret"))
            assert asked.problem or found == (ACCOUNT.api_key, ACCOUNT.api_secret), vector.id


def test_letterless_secret_skips_case_vector() -> None:
    """A secret without letters leaves out the vector that would send it unchanged."""
    left_out = [vector.id for vector in VECTORS if not applies(vector, Credentials("key", "123456"))]
    assert left_out == ["secret-other-case"]


def test_choice_for_a_clause_is_certain() -> None:
    """No two ways to evaluate clauses cost the same, so the order of a set decides nothing."""
    ways = set(chain.from_iterable(measure(VECTORS).ways.values()))
    assert len({str(cost_of(way, VECTORS)) for way in ways}) == len(ways)


def test_vectors_are_plain_json() -> None:
    """The vectors are plain JSON that names no Python."""
    document = json.loads(read_spec("vectors/lookups.json"))
    assert set(document) == {"description", "revision", "vectors"}
    for row in document["vectors"]:
        assert set(row) <= {"id", "title", "in_order", "probe", "needs", "request", "answer"}
        assert set(row["request"]) <= {"method", "path", "query", "headers", "body", "sign"}
