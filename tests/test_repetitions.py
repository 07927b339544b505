"""An exchange that comes again, the same or with another number, has the result of the first time, and its own id."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from typing import Any

import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge, likeness, repetition
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.likeness import MAX_ALIKE_LENGTH, is_new, likeness_with_number, likeness_without_number
from ni_contract.judge.repetition import KeptResult, Repetitions

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


@pytest.mark.parametrize("number", ["447700900000", "254"])
def test_findings_show_their_own_id(number: str) -> None:
    """A refusal is looked up with its findings, and those about the id show the id of the exchange at hand."""
    judge, body = Judge(Credentials()), b'{"status": 4, "error_text": "Invalid credentials", "request_id": "%b"}'
    request = Request("GET", URL.replace("447700900000", number) + "x")
    for name in (b"absent", b"id-1", b"a", b"5a5d8083-4ff6-4bac-966f-f34355671665", b"7" * 40):
        exchange = Exchange(request, Answer(200, LABEL, body % name))
        fresh = Judge(Credentials()).provider(exchange)
        assert any(name.decode() in found.finding.actual for found in fresh)
        assert judge.provider(exchange) == fresh
    assert judge._repetitions._results


def test_new_request_about_odd_number_has_no_likeness() -> None:
    """To keep what comes once costs more than it saves."""
    request = Request("GET", URL.replace("447700900000", "254"))
    repetitions, exchange = Repetitions(), Exchange(request, Answer(200, LABEL, BODY % b"a"))
    assert repetitions.likeness(exchange) is None
    assert repetitions.likeness(exchange) is not None


def test_id_that_occurs_twice() -> None:
    """Such an id stays in the key: the parser may read another place than the pattern."""
    body = b"<!--<request_id>a</request_id>--><format><request_id>a</request_id></format>"
    one = likeness_with_number(Exchange(Request("GET", URL), Answer(200, (), body)))
    assert one.request_id == b""
    other = likeness_with_number(Exchange(Request("GET", URL), Answer(200, (), body.replace(b"a", b"b"))))
    assert one.key != other.key


_SIGNED = Request("GET", URL + "&sig=1", (("Accept", "*/*"),), b"x")
_OTHER: dict[str, Any] = {
    "request": replace(_SIGNED, url=URL),
    "answer": Failure("reset", "it was reset"),
    "sent_at": 2.0,
    "filtered": True,
    "partial": True,
    "templated": ("parameter number",),
}


@pytest.mark.parametrize("name", [one.name for one in fields(Exchange) if one.name not in ("origin", "file_line")])
def test_key_holds_every_field(name: str) -> None:
    exchange = Exchange(_SIGNED, Answer(200, LABEL, BODY % b"id"), sent_at=1.0)
    assert likeness_with_number(replace(exchange, **{name: _OTHER[name]})).key != likeness_with_number(exchange).key


_OTHER_ANSWER: dict[str, Any] = {"http_status": 201, "headers": (), "body": BODY % b"no id!", "body_recorded": False}


@pytest.mark.parametrize("name", [one.name for one in fields(Answer)])
def test_key_holds_the_answer(name: str) -> None:
    answer = Answer(200, LABEL, BODY % b"id")
    exchange = Exchange(_SIGNED, answer)
    other = replace(exchange, answer=replace(answer, **{name: _OTHER_ANSWER[name]}))
    assert likeness_with_number(other).key != likeness_with_number(exchange).key
    plain = replace(exchange, request=Request("GET", URL))
    assert _key_without_number(replace(plain, answer=other.answer)) != _key_without_number(plain)


def test_long_exchanges_stand_alone() -> None:
    """Their length is that of the URL and both bodies together."""
    judge, long = Judge(Credentials()), BODY.replace(b"{", b"{" + b" " * MAX_ALIKE_LENGTH)
    _broken(judge, *(_exchange(b"id-%d" % n, long) for n in range(4)))
    assert not judge._repetitions._results


def test_kept_results_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are dropped when there are as many as may be kept."""
    monkeypatch.setattr(repetition, "MAX_KNOWN", 2)
    known, result = Repetitions(), KeptResult((), (), "", None)
    for number in range(3):
        known.keep(number, result)
    assert [known.get(number) for number in range(3)] == [None, None, result]


def test_known_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are dropped when there are as many as may be known."""
    monkeypatch.setattr(likeness, "MAX_KNOWN", 2)
    known: set[int] = set()
    assert [is_new(asked, known) for asked in ("a", "a", "b", "c", "a")] == [True, False, True, True, True]


def _key_without_number(exchange: Exchange) -> object:
    known: set[int] = set()
    assert likeness_without_number(exchange, known, ()) is None
    found = likeness_without_number(exchange, known, ())
    return found and found.key


def _about(number: str, national: str, body: bytes = BODY, url: str = URL) -> Exchange:
    """A right answer about a British number, if *body* is one."""
    answer = (body % number[::-1].encode()).replace(b"447700900000", number.encode())
    answer = answer.replace(b"07700 900000", national.encode())
    return Exchange(Request("GET", url.replace("447700900000", number)), Answer(200, LABEL, answer))


ONE, TWO = ("447700900000", "07700 900000"), ("447700900123", "07700 900123")


def test_other_numbers_count_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third number of a kind is looked up, and counts the clauses that a judge without results counts."""
    judge, fresh = Judge(Credentials()), Judge(Credentials())
    assert _broken(fresh, _about(*TWO)) == [[]]
    assert _broken(judge, _about("447700900456", "07700 900456"), _about(*ONE)) == [[], []]
    judge.evaluated.clear()
    monkeypatch.setattr("ni_contract.judge.judge_provider", lambda _reading: pytest.fail("it was judged again"))
    assert _broken(judge, _about(*TWO)) == [[]]
    assert judge.evaluated == fresh.evaluated + Counter({"NIB-REL-008": 1})


_WRONG = {
    "NIB-NUM-013": BODY.replace(b"447700900000", b"447700900555").replace(b"07700 900000", b"07700 900555"),
    "NIB-NUM-019": BODY.replace(b"07700 900000", b"07700 900555"),
    "NIB-RES-019": BODY.replace(b"{", b'{"international_format_number": "447700900000", '),
}


@pytest.mark.parametrize("clause_id", _WRONG)
def test_wrong_answers_about_other_numbers(clause_id: str) -> None:
    """They are found however often the right answer came before."""
    judge = Judge(Credentials())
    found = _broken(judge, *(_about(*ONE) for _ in range(3)), _about(*TWO, _WRONG[clause_id]))
    assert clause_id in found[3]


_SECRET = "api_secret=12ab34cd"
_APART = {
    "a signature": (URL.replace(_SECRET, "s%69g=00"), BODY, ()),
    "a secret of digits": (URL.replace(_SECRET, "api_secret=77009001"), BODY, ()),
    "a header with the number": (URL, BODY, (("X-Api-Key", "447700900000"),)),
    "a number in a fragment": (URL.replace("number=", "nr=1#&number="), BODY, ()),
    "an earlier number": (URL.replace("number=", "n%75mber=447700900001&number="), BODY, ()),
    "a country in escapes": (URL + "&c%6Funtry=GB", BODY, ()),
    "another place": (URL, BODY.replace(b"ional_format_number", b"ional"), ()),
    "a place in a place": (URL, BODY.replace(b'"inter', b'"x": {"y": "447700900000"}, "inter'), ()),
    "a longer prefix": (URL, BODY.replace(b'"44"', b'"447"'), ()),
}


@pytest.mark.parametrize("case", _APART)
def test_numbers_that_stand_alone(case: str) -> None:
    """The result of one number says nothing of another where more than the number depends on its digits."""
    url, body, headers = _APART[case]
    exchange = replace(_about(*ONE, body, url), request=Request("GET", url, headers))
    known: set[int] = set()
    likeness_without_number(exchange, known, ())
    found = likeness_without_number(exchange, known, ())
    assert found is None or not found.stands_for_others(evaluation_context(exchange, None))


def test_facts_fit_in_quotes() -> None:
    """No form of a number has a character that ends a string in JSON or a text in XML, or a letter."""
    formats = [each for region in sorted(SUPPORTED_REGIONS) for each in _formats(region)]
    rules = [rule for each in formats for rule in (each.format, each.national_prefix_formatting_rule) if rule]
    assert formats
    assert all(re.fullmatch(r"[-0-9$\\ ()/*.,~]*", rule) for rule in rules)


def _formats(region: str) -> list[Any]:
    metadata = PhoneMetadata.metadata_for_region(region)
    return [] if metadata is None else metadata.number_format
