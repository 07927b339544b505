"""The characteristics of requests: they choose the clause that fails where a right request is not served."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import BASIC, JSON_BODY
from mutants.clients import ACCOUNT, FORM, KEYS, NOW, NUMBER, URL, get, post, signed

from ni_contract.contract.signature import sign
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge.context import evaluation_context

PLAIN = get(NUMBER, *KEYS)
STAMPED = (NUMBER, KEYS[0], ("timestamp", str(NOW)))
IN_JSON = "application/json"


def asking(raw: str) -> Request:
    """A GET of a query that is written as it is, before the credentials."""
    return Request("GET", f"{URL}?{raw}&{get(*KEYS).url.partition('?')[2]}")


def headed(name: str, value: str) -> Request:
    return replace(PLAIN, headers=((name, value),))


TRAITS: dict[str, tuple[Request, tuple[str, ...]]] = {
    "plain": (PLAIN, ()),
    "no number": (get(*KEYS), ()),
    "an empty country": (asking("number=442079460018&country="), ()),
    "a country": (asking("number=442079460018&country=GB"), ("country",)),
    "cnam": (asking("number=442079460018&cnam=true"), ("cnam",)),
    "an unknown name": (asking("number=442079460018&callback=x"), ("unknown",)),
    "a digit escaped": (asking("number=%34442079460018"), ("percent_encoded",)),
    "a plus escaped": (asking("number=%2B442079460018"), ("separators",)),
    "a raw plus": (asking("number=+442079460018"), ("percent_encoded", "separators")),
    "a raw plus, last": (replace(PLAIN, url=get(*KEYS).url + "&number=+44"), ("percent_encoded", "separators")),
    "a raw plus elsewhere": (asking("number=442079460018&country=G+B"), ("country",)),
    "raw brackets": (asking("number=(44)2079460018"), ("unescaped", "separators")),
    "an empty parameter": (asking("number=442079460018&&country=GB"), ("unescaped", "country")),
    "an empty parameter, last": (replace(PLAIN, url=PLAIN.url + "&"), ("unescaped",)),
    "a wide space": (asking("number=44%C2%A02079460018"), ("wide space", "separators")),
    "an umlaut": (asking("number=442079460018&callback=%C3%A4"), ("non_ascii", "unknown")),
    "a raw umlaut": (asking("number=442079460018&callback=\u00e4"), ("non_ascii", "unknown")),
    "an umlaut in the key": (get(NUMBER, ("api_key", "\u00e4"), KEYS[1]), ()),
    "an umlaut in JSON": (post(JSON_BODY.replace('"44', '"\\u00e444'), IN_JSON), ("json", "non_ascii")),
    "brackets in JSON": (post(JSON_BODY.replace("44", "(44)"), IN_JSON), ("json", "separators")),
    "a form": (post(PLAIN.url.partition("?")[2]), ("form",)),
    "XML accepted": (headed("Accept", "text/xml"), ("accept",)),
    "JSON accepted": (headed("Accept", IN_JSON), ()),
    "all accepted": (headed("Accept", "text/html, */*"), ()),
    "a label without a body": (headed("Content-Type", FORM), ("ignored_header",)),
    "credentials and Authorization": (headed("Authorization", "x"), ("ignored_header",)),
    "HTTP Basic": (Request("GET", f"{URL}?number=442079460018", (BASIC,)), ("basic",)),
    "signed by a hash": (signed(NUMBER), ("md5hash",)),
    "signed by HMAC": (
        get(*STAMPED, ("sig", sign(STAMPED, ACCOUNT.signature_secret, "hmac-sha256"))),
        ("hmac",),
    ),
}


@pytest.mark.parametrize("case", TRAITS)
def test_request_has_these_traits(case: str) -> None:
    request, expected = TRAITS[case]
    assert evaluation_context(Exchange(request, Answer(200), "client", NOW), ACCOUNT).traits == expected
