"""Wrong keys and secrets: the mistake is named, and nothing of the right ones is shown."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote_plus, unquote, unquote_plus

import pytest
from edges import REFUSED, changed
from mutants.clients import ACCOUNT as CLIENT
from mutants.clients import KEYS, NOW, NUMBER, URL, exchange_of, get, post, signed

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.judge import Judge
from ni_contract.judge.clauses.credential_mistakes import credential_mistake

ACCOUNT = Credentials("abcd1234", "Q7+zK%2F=0v&8hJ4mX", "s1G+key&5=tR9wL2")
SECRET = ACCOUNT.api_secret
MISTAKES = {
    SECRET.replace("+", " "): "the right secret with a space for its plus, which is sent as %2B",
    unquote_plus(SECRET): "the right secret that was not URL-encoded",
    "Q7 zK/=0v": "the right secret that was not URL-encoded, and so ends at its first &",
    unquote(SECRET): "the right secret whose percent signs were not URL-encoded",
    "Q7 zK%2F=0v": "the right secret that was encoded like a whole URL, and so ends at its first & or #",
    quote_plus(SECRET): "the right secret that was URL-encoded",
    SECRET.lower(): "the right secret in small letters",
    SECRET.partition("&")[0]: "the right secret up to its first &",
    f"{SECRET}\n": "the right secret with white space or quotes around it",
    SECRET[1:]: "the right secret without its first character",
    SECRET[:-1]: "the right secret cut off after 17 characters",
    ACCOUNT.signature_secret: "the signature secret as the secret",
    ACCOUNT.api_key: "the api_key as the secret",
    "12ab34cd": "another secret",
    "": "an empty secret",
}


@pytest.mark.parametrize("sent", MISTAKES, ids=repr)
def test_wrong_secret_is_named(sent: str) -> None:
    assert credential_mistake(ACCOUNT.api_key, sent, ACCOUNT) == MISTAKES[sent]


def test_changed_places_are_named() -> None:
    assert credential_mistake(SECRET, ACCOUNT.api_key, ACCOUNT) == "key and secret changed places"


def test_wrong_key_is_named() -> None:
    assert credential_mistake("ABCD1234", SECRET, ACCOUNT) == "the right key in capital letters"


@pytest.mark.parametrize(
    ("secret", "sent", "words"),
    [
        ("ab#cd&e%2Ff", "ab", "that was not URL-encoded, and so ends at its first #"),
        ("ab%2F&cd#ef", "ab/", "that was not URL-encoded, and so ends at its first &"),
        ("a+b#c&d", "a b", "that was not URL-encoded, and so ends at its first #"),
    ],
)
def test_unencoded_secret_is_named(secret: str, sent: str, words: str) -> None:
    account = Credentials("abcd1234", secret)
    assert credential_mistake("abcd1234", sent, account) == f"the right secret {words}"


@pytest.mark.parametrize(
    ("request_", "times"),
    [
        (get(NUMBER, KEYS[0], ("api_secret", "a%2Bb")), "URL-encoded twice"),
        (
            Request("GET", f"{URL}?number=442079460018", (("Authorization", "Basic bjN4bTByb2NrczphJTJCYg=="),)),
            "URL-encoded",
        ),
        (
            post('{"number": "442079460018", "api_key": "n3xm0rocks", "api_secret": "a%2Bb"}', "text/json"),
            "URL-encoded",
        ),
    ],
)
def test_carriers_are_encoded_once(request_: Request, times: str) -> None:
    """Text in a JSON body or a Basic token is not URL-encoded at all."""
    account = Credentials(KEYS[0][1], "a+b")
    (found,) = [one.finding for one in Judge(account).client(exchange_of(request_)) if one.clause_id == "NIB-CLI-018"]
    assert found.actual == f"the right secret that was {times}"


@pytest.mark.parametrize("scheme", ["Bearer", "Basic:", ""])
def test_wrong_scheme_is_one_place(scheme: str) -> None:
    header = ("authorization", f"{scheme} {ACCOUNT.basic_token()}".strip())
    asked = exchange_of(Request("GET", f"{URL}?number=442079460018", (header,)))
    (found,) = [one.finding for one in Judge(ACCOUNT).client(asked) if one.clause_id == "NIB-CLI-011"]
    assert found.actual == "credentials in header Authorization, which is not readable as HTTP Basic"


def test_secret_beside_a_refused_signature_is_named() -> None:
    request = signed(NUMBER)
    beside = replace(request, url=f"{request.url}&api_secret={KEYS[1][1]}")
    refused = Exchange(beside, changed(REFUSED, status=4), "provider", NOW)
    (found,) = [one.finding for one in Judge(CLIENT).provider(refused) if one.clause_id == "NIB-AUT-008"]
    assert found.expected == "status 0; a signature is of all parameters but sig and api_secret"
