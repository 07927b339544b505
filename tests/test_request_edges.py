"""Requests of clients at the edges of clauses: the clauses that each one breaks, and where."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from edges import BASIC, JSON_BODY, Broken, places
from mutants.clients import ACCOUNT, FORM, HOST, KEYS, NOW, NUMBER, URL, XML, get, post, signed

from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Judge


def basic_of(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


REQUESTS: dict[str, tuple[Request, Broken]] = {
    "no URL": (
        Request("GET", f"https://[::1/ni/basic/json?{get(NUMBER, *KEYS).url.partition('?')[2]}"),
        {"NIB-CLI-003": "URL"},
    ),
    "charset utf8": (post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}", f"{FORM}; charset=utf8"), {}),
    "latin-1": (
        post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}", f"{FORM}; charset=latin-1"),
        {"NIB-CLI-009": "header Content-Type"},
    ),
    "credentials twice": (
        replace(post("api_key=n3xm0rocks"), url=get(NUMBER, *KEYS).url),
        {"NIB-CLI-011": "credentials"},
    ),
    "credentials in the header too": (replace(get(NUMBER, *KEYS), headers=(BASIC,)), {"NIB-CLI-011": "credentials"}),
    "key twice": (get(NUMBER, KEYS[0], *KEYS), {"NIB-CLI-011": "credentials"}),
    "number and secret twice": (
        get(NUMBER, NUMBER, *KEYS, KEYS[1]),
        {"NIB-CLI-004": "parameter number", "NIB-CLI-011": "credentials"},
    ),
    "key alone": (get(NUMBER, KEYS[0]), {"NIB-CLI-011": "credentials"}),
    "secret in a signed query, escaped": (
        signed(NUMBER, ("cnam", ACCOUNT.signature_secret[::-1])),
        {"NIB-CLI-008": "parameter cnam"},
    ),
    "secret within HTTP Basic of a signed request": (
        replace(signed(NUMBER), headers=(("Authorization", basic_of(f"key:x{ACCOUNT.api_secret}")),)),
        {"NIB-CLI-011": "credentials", "NIB-CLI-014": "header Authorization"},
    ),
    "HTTP Basic": (Request("GET", f"{URL}?number=442079460018", (BASIC,)), {"NIB-CLI-019": "header Authorization"}),
    "HTTP Basic, body unreadable": (
        Request("POST", URL, (BASIC, ("Content-Type", "application/json")), b"{"),
        {"NIB-CLI-009": "parameters"},
    ),
    "JSON as a form": (post(JSON_BODY), {"NIB-CLI-010": "header Content-Type"}),
    "form as JSON": (post("number=1&api_key=x", "application/json"), {"NIB-CLI-010": "header Content-Type"}),
    "JSON to the XML path": (
        replace(post(JSON_BODY, "application/json"), url=XML),
        {"NIB-CLI-010": "header Content-Type"},
    ),
    "form to the XML path": (replace(post(f"number=442079460018&{get(*KEYS).url.partition('?')[2]}"), url=XML), {}),
    "nines": (get(("number", "999"), *KEYS), {}),
    "noughts": (get(("number", "000"), *KEYS), {}),
    "letters": (get(("number", "1800FLOWERS"), *KEYS), {"NIB-CLI-050": "parameter number"}),
    "letters first": (get(("number", "FLOWERS1"), *KEYS), {"NIB-CLI-005": "parameter number"}),
    "number twice": (get(NUMBER, NUMBER, *KEYS), {"NIB-CLI-004": "parameter number"}),
    "number of spaces": (get(("number", "  "), *KEYS), {"NIB-CLI-004": "parameter number"}),
    "plus in JSON": (post(JSON_BODY.replace('"44', '"+44'), "application/json"), {}),
    "bare plus in a text of JSON": (
        post(JSON_BODY.replace("{", '{"cnam": "x&number=+44", ', 1), "application/json"),
        {"NIB-CLI-008": "parameter cnam"},
    ),
    "bare plus": (
        Request("GET", f"{URL}?number=+442079460018&api_key=n3xm0rocks&api_secret=12ab34cd"),
        {"NIB-CLI-006": "parameter number"},
    ),
    "bare plus, second": (
        Request("GET", f"{URL}?api_key=n3xm0rocks&api_secret=12ab34cd&number=+442079460018"),
        {"NIB-CLI-006": "parameter number"},
    ),
    "country twice": (get(NUMBER, ("country", "GB"), ("country", "GB"), *KEYS), {}),
    "country twice, once in small letters": (
        get(NUMBER, ("country", "GB"), ("country", "gb"), *KEYS),
        {"NIB-CLI-007": "parameter country"},
    ),
    "secret in the body of a GET too": (
        replace(get(NUMBER, *KEYS), body=urlencode(KEYS).encode()),
        {"NIB-CLI-011": "credentials"},
    ),
    "secret in Base64 in a parameter": (
        get(NUMBER, *KEYS, ("auth", ACCOUNT.basic_token())),
        {"NIB-CLI-011": "credentials", "NIB-CLI-015": "parameters"},
    ),
    "another scheme beside the parameters": (
        replace(get(NUMBER, *KEYS), headers=(("Authorization", 'Digest username="n3xm0rocks"'),)),
        {},
    ),
    "secret under another scheme": (
        replace(get(NUMBER, *KEYS), headers=(("Authorization", f"Bearer {ACCOUNT.api_secret}"),)),
        {"NIB-CLI-011": "credentials"},
    ),
    "a percent sign that begins no escape": (
        Request("GET", f"{get(NUMBER, *KEYS).url}&note=100%"),
        {"NIB-CLI-009": "parameters", "NIB-CLI-015": "parameters"},
    ),
    "country in small letters": (get(NUMBER, ("country", "gb"), *KEYS), {"NIB-CLI-007": "parameter country"}),
    "country that is not official": (get(NUMBER, ("country", "XK"), *KEYS), {"NIB-CLI-007": "parameter country"}),
    "cnam of another word": (get(NUMBER, ("cnam", "yes"), *KEYS), {"NIB-CLI-008": "parameter cnam"}),
    "unknown parameter": (get(NUMBER, ("callback", "x"), *KEYS), {"NIB-CLI-015": "parameters"}),
    "secret in a header of a signed request": (
        replace(signed(NUMBER), headers=(("X-Secret", ACCOUNT.signature_secret),)),
        {"NIB-CLI-014": "header X-Secret"},
    ),
    "PUT": (Request("PUT", get(NUMBER, *KEYS).url), {"NIB-CLI-002": "method"}),
    "HTTP in the open": (get(NUMBER, *KEYS, url="http://api.nexmo.com/ni/basic/json"), {"NIB-CLI-003": "URL, host"}),
    "name of this machine": (get(NUMBER, *KEYS, url="http://api.localhost/ni/basic/json"), {}),
    "another path": (get(NUMBER, *KEYS, url=f"{HOST}/ni/standard/json"), {"NIB-CLI-001": "path"}),
    "signed five minutes ago": (signed(NUMBER, timestamp=NOW - 299), {}),
    "signed an hour ago": (signed(NUMBER, timestamp=NOW - 3600), {"NIB-CLI-013": "parameter timestamp"}),
    "signed with another secret": (signed(NUMBER, secret="other"), {"NIB-CLI-012": "parameter sig"}),
    "wrong secret": (get(NUMBER, KEYS[0], ("api_secret", "wrong")), {"NIB-CLI-018": "credentials"}),
    "a number in JSON": (
        post(JSON_BODY.replace('"442079460018"', "442079460018"), "application/json"),
        {"NIB-CLI-020": "body"},
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_request_breaks_these(case: str) -> None:
    request, expected = REQUESTS[case]
    assert places(Judge(ACCOUNT).client(Exchange(request, Answer(200), "client", NOW))) == expected


def test_secret_of_any_characters_is_found() -> None:
    """Characters that mean something in a pattern are found in a header as they are."""
    account = replace(ACCOUNT, api_secret="s(cr+t)[1]$")
    request = replace(
        get(NUMBER, KEYS[0], ("api_secret", account.api_secret)), headers=(("X-Copy", "a s(cr+t)[1]$ b"),)
    )
    assert places(Judge(account).client(Exchange(request, Answer(200), "client", NOW))) == {
        "NIB-CLI-011": "credentials"
    }


@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        (f"/ni/basic/json?key={ACCOUNT.api_secret}", False),
        (f"/elsewhere?{get(NUMBER, *KEYS).url.partition('?')[2]}", False),
        (f"/elsewhere?key={ACCOUNT.api_secret}", True),
    ],
)
def test_repeated_url_is_no_copy(value: str, is_found: bool) -> None:
    """A gateway or browser repeats the URL of a request, or that of the request before; nothing else has the secret."""
    expected = {"NIB-CLI-011": "credentials"} if is_found else {}
    request = replace(get(NUMBER, *KEYS), headers=(("X-Original-URI", value),))
    assert places(Judge(ACCOUNT).client(Exchange(request, Answer(200), "client", NOW))) == expected


def test_posted_secret_has_no_url_to_repeat() -> None:
    query = get(NUMBER, *KEYS).url.partition("?")[2]
    posted = post(query)
    request = replace(posted, headers=(*posted.headers, ("X-Original-URI", f"/elsewhere?{query}")))
    assert places(Judge(ACCOUNT).client(Exchange(request, Answer(200), "client", NOW))) == {
        "NIB-CLI-011": "credentials"
    }


@pytest.mark.parametrize(
    ("value", "is_open"),
    [("1e308", False), ("1e309", True), ("-1e999", True), ("[]", True), ("{}", True), ("[1]", True), ("true", False)],
)
def test_unusual_members_are_open(value: str, is_open: bool) -> None:
    """Some parsers of JSON refuse a number that no double holds; nobody sent a member that is a list or an object."""
    body = f'{{"number": "442079460018", "note": {value}}}'
    request = Request("POST", URL, (("Content-Type", "application/json"),), body.encode())
    assert bool(parse_request(request).unclear) is is_open
