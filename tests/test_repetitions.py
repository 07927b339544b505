"""An exchange that comes again has the result of the first time, and is compared under its own id."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge, repetition
from ni_contract.judge.repetition import MAX_KEPT_LENGTH, KeptResult, Repetitions, is_short, key_of

URL = "https://api.nexmo.com/ni/basic/json?number=447700900000&api_key=n3xm0rocks&api_secret=12ab34cd"
BODY = (
    b'{"status": 0, "status_message": "Success", "request_id": "%b", "international_format_number": "447700900000",'
    b' "national_format_number": "07700 900000", "country_code": "GB", "country_code_iso3": "GBR",'
    b' "country_name": "United Kingdom", "country_prefix": "44"}'
)
LABEL = (("Content-Type", "application/json"),)


def _exchange(request_id: bytes, body: bytes = BODY) -> Exchange:
    return Exchange(Request("GET", URL), Answer(200, LABEL, body % request_id))


def _broken(judge: Judge, *exchanges: Exchange) -> list[list[str]]:
    return [[found.clause_id for found in judge.provider(exchange)] for exchange in exchanges]


def test_kept_results_count_alike() -> None:
    """The fourth judgement is looked up, and counts the clauses that the first one counted."""
    judge, fresh = Judge(Credentials()), Judge(Credentials())
    assert _broken(judge, *(_exchange(b"id-%d" % n) for n in range(4))) == [[], [], [], []]
    assert _broken(fresh, _exchange(b"id-0")) == [[]]
    alone = {name: 4 * times for name, times in fresh.evaluated.items()}
    assert {name: judge.evaluated[name] for name in alone} == alone


def test_kept_results_compare_ids() -> None:
    """An id that is used twice is found in an exchange whose result was kept."""
    judge = Judge(Credentials())
    ids = (b"a", b"b", b"c", b"d", b"c")
    assert _broken(judge, *map(_exchange, ids)) == [[], [], [], [], ["NIB-REL-008"]]


def test_broken_answers_stay_broken() -> None:
    broken = BODY.replace(b'"status": 0', b'"status": "0"')
    found = _broken(Judge(Credentials()), *(_exchange(b"id-%d" % n, broken) for n in range(4)))
    assert found[3] == ["NIB-RES-005"]


def test_id_that_occurs_twice() -> None:
    """Such an id stays in the key: the parser may read another place than the pattern."""
    body = b"<!--<request_id>a</request_id>--><format><request_id>a</request_id></format>"
    key, request_id = key_of(Exchange(Request("GET", URL), Answer(200, (), body)))
    assert request_id == b""
    assert key != key_of(Exchange(Request("GET", URL), Answer(200, (), body.replace(b"a", b"b"))))[0]


_SIGNED = Request("GET", URL + "&sig=1", (("Accept", "*/*"),), b"x")
_OTHER: dict[str, Any] = {
    "request": replace(_SIGNED, url=URL),
    "answer": Failure("reset", "it was reset"),
    "sent_at": 2.0,
    "filtered": True,
    "partial": True,
    "templated": ("parameter number",),
}


@pytest.mark.parametrize("name", [one.name for one in fields(Exchange) if one.name != "origin"])
def test_key_holds_every_field(name: str) -> None:
    exchange = Exchange(_SIGNED, Answer(200, LABEL, BODY % b"id"), sent_at=1.0)
    assert key_of(replace(exchange, **{name: _OTHER[name]}))[0] != key_of(exchange)[0]


_OTHER_ANSWER: dict[str, Any] = {"http_status": 201, "headers": (), "body": BODY % b"no id!", "body_recorded": False}


@pytest.mark.parametrize("name", [one.name for one in fields(Answer)])
def test_key_holds_the_answer(name: str) -> None:
    answer = Answer(200, LABEL, BODY % b"id")
    exchange = Exchange(_SIGNED, answer)
    other = replace(exchange, answer=replace(answer, **{name: _OTHER_ANSWER[name]}))
    assert key_of(other)[0] != key_of(exchange)[0]


def test_long_exchanges_are_not_kept() -> None:
    """Their length is that of the URL and both bodies together."""
    third = MAX_KEPT_LENGTH // 3
    exchange = Exchange(Request("POST", "u" * third, body=b"b" * third), Answer(200, (), b"a" * third))
    longer = replace(exchange, request=replace(exchange.request, body=b"b" * (third + 3)))
    assert (is_short(exchange), is_short(longer)) == (True, False)


def test_kept_results_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are dropped when as many different requests have come as may be kept."""
    monkeypatch.setattr(repetition, "MAX_KEPT", 2)
    requests, known = [Request("GET", f"{URL}&n={number}") for number in range(3)], Repetitions()
    known.keep("key", KeptResult((), None))
    assert [known.is_new(request) for request in (*requests, requests[0])] == [True] * 4
    assert known.get("key") is None
