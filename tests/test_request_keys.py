"""Requests as relations compare them: which fields of the key differ where the requests do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import BASIC, JSON_BODY
from mutants.clients import ACCOUNT, FORM, KEYS, NOW, NUMBER, URL, XML, get, post, signed

from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge.clauses.request_key import RequestKey
from ni_contract.judge.context import evaluation_context

PLAIN = get(NUMBER, *KEYS)
QUERY = PLAIN.url.partition("?")[2]
GB, X, Y = ("country", "GB"), ("x", "1"), ("y", "2")


def key_of(request: Request) -> RequestKey:
    return evaluation_context(Exchange(request, Answer(200), "client", NOW), ACCOUNT).key


def headed(name: str, value: str, request: Request = PLAIN) -> Request:
    return replace(request, headers=(*request.headers, (name, value)))


def numbered(number: str, *more: tuple[str, str]) -> Request:
    return get(("number", number), *more, *KEYS)


PAIRS: dict[str, tuple[Request, Request, set[str]]] = {
    "the same": (PLAIN, get(NUMBER, *KEYS), set()),
    "two formats": (PLAIN, get(NUMBER, *KEYS, url=XML), {"format"}),
    "query and form": (PLAIN, post(QUERY), {"carrier"}),
    "query and JSON": (PLAIN, post(JSON_BODY, "application/json"), {"carrier"}),
    "form and its charset": (post(QUERY), post(QUERY, f"{FORM}; charset=UTF-8"), {"carrier"}),
    "secret and HTTP Basic": (PLAIN, Request("GET", f"{URL}?number=442079460018", (BASIC,)), {"credential"}),
    "secret and signature": (PLAIN, signed(NUMBER), {"credential"}),
    "two numbers": (PLAIN, numbered("442079460019"), {"number", "noise"}),
    "a number and none": (PLAIN, get(*KEYS), {"number", "noise", "order"}),
    "separators": (PLAIN, numbered("+44 20 7946-0018"), {"noise"}),
    "a plus beside a country": (numbered("442079460018", GB), numbered("+442079460018", GB), {"number", "noise"}),
    "a plus in brackets": (numbered("442079460018", GB), numbered(" (+44)2079460018", GB), {"number", "noise"}),
    "brackets beside a country": (numbered("442079460018", GB), numbered("(44)2079460018", GB), {"noise"}),
    "a country": (PLAIN, get(NUMBER, GB, *KEYS), {"country", "order"}),
    "an empty country": (PLAIN, get(NUMBER, ("country", ""), *KEYS), {"order"}),
    "cnam": (PLAIN, get(NUMBER, ("cnam", "true"), *KEYS), {"cnam"}),
    "another order": (get(NUMBER, GB, *KEYS), get(GB, NUMBER, *KEYS), {"order"}),
    "another order of credentials": (PLAIN, get(*KEYS, NUMBER), set()),
    "a parameter to ignore": (PLAIN, get(NUMBER, X, *KEYS), {"extras"}),
    "parameters to ignore, turned": (get(NUMBER, X, Y, *KEYS), get(NUMBER, Y, X, *KEYS), set()),
    "Accept": (PLAIN, headed("Accept", "text/xml"), {"headers"}),
    "a label without a body": (PLAIN, headed("Content-Type", FORM), {"headers"}),
    "a needless Authorization": (PLAIN, headed("Authorization", "x"), {"headers"}),
    "a header that says nothing": (PLAIN, headed("X-Mine", "x"), set()),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_keys_differ_in_these_fields(case: str) -> None:
    first, second, expected = PAIRS[case]
    keys = key_of(first)._asdict(), key_of(second)._asdict()
    assert {name for name in keys[0] if keys[0][name] != keys[1][name]} == expected
