"""Wrong keys and secrets: the mistake is named, and nothing of the right ones is shown."""

from __future__ import annotations

from urllib.parse import quote_plus, unquote, unquote_plus

import pytest

from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.clauses.credential_mistakes import credential_mistake

ACCOUNT = Credentials("abcd1234", "Q7+zK%2F=0v&8hJ4mX", "s1G+key&5=tR9wL2")
SECRET = ACCOUNT.api_secret
MISTAKES = {
    SECRET.replace("+", " "): "the right secret with a space for its plus, which is sent as %2B",
    unquote_plus(SECRET): "the right secret that was not URL-encoded",
    unquote(SECRET): "the right secret whose percent signs were not URL-encoded",
    quote_plus(SECRET): "the right secret that was URL-encoded twice",
    SECRET.lower(): "the right secret in small letters",
    SECRET.partition("&")[0]: "the right secret up to its first &",
    f"{SECRET}\n": "the right secret with white space or quotes around it",
    SECRET[1:]: "the right secret without its first character",
    SECRET[:-1]: "the right secret cut off after 17 characters",
    ACCOUNT.signature_secret: "the signature secret as the secret",
    ACCOUNT.api_key: "the api_key as the secret",
    "12ab34cd": "another secret",
    "": "another secret",
}


@pytest.mark.parametrize("sent", MISTAKES, ids=repr)
def test_wrong_secret_is_named(sent: str) -> None:
    assert credential_mistake(ACCOUNT.api_key, sent, ACCOUNT) == MISTAKES[sent]


def test_changed_places_are_named() -> None:
    assert credential_mistake(SECRET, ACCOUNT.api_key, ACCOUNT) == "key and secret changed places"


def test_wrong_key_is_named() -> None:
    assert credential_mistake("ABCD1234", SECRET, ACCOUNT) == "the right key in capital letters"
