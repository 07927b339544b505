"""What vectors send in place of a credential is no secret: it stays, so that a printed request can be sent again."""

from __future__ import annotations

import pytest

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.known_secrets import with_signatures_of
from ni_contract.exchanges.near_misses import near_misses
from ni_contract.exchanges.redaction import redact_text
from ni_contract.exchanges.values import Exchange, Failure, Request
from ni_contract.report.failure import request_text


@pytest.mark.parametrize("change", near_misses("secret", ""))
def test_placeholder_of_a_near_miss_stays(change: str) -> None:
    text = f"api_secret={{{{api_secret.{change}}}}}&number=44"
    assert redact_text(text) == text


@pytest.mark.parametrize("value", ["0", "12", '{"$ne": ""}', '"not-the-secret"'])
def test_json_value_that_is_no_secret_stays(value: str) -> None:
    text = f'{{"api_secret": {value}, "number": "44"}}'
    assert redact_text(text) == text


def test_wrong_signature_of_a_vector_stays() -> None:
    """Words that vectors send in place of a signature are no secret; a hash is masked wherever it stands."""
    requests = (Request("GET", f"http://127.0.0.1/json?sig={sig}") for sig in ("p%C3%A4ss", "0a" * 16))
    account = with_signatures_of((Exchange(request, Failure("timeout", "")) for request in requests), Credentials())
    assert account.redactor()(f"p\u00e4ss {'0a' * 16}") == "p\u00e4ss ***"


def test_wrong_credentials_of_a_vector_are_shown() -> None:
    """The line of a request shows what is wrong with its credentials, and masks those that may be right."""
    request = Request("GET", "http://127.0.0.1/json?api_key=k3y-of-mine&api_secret=not-the-secret&sig=p%C3%A4ss")
    assert request_text(request) == "GET /json  api_key=*** api_secret=not-the-secret sig=p\u00e4ss"


def test_words_like_a_placeholder_are_masked() -> None:
    """A secret may be made of words; only what vectors send is known to be none."""
    request = Request("GET", "http://127.0.0.1/json?api_secret=example%20of%20mine&number=44")
    assert request_text(request) == "GET /json  api_secret=*** number=44"


def test_empty_value_hides_nothing_behind_it() -> None:
    request = Request("GET", "http://h/json?api_key=k&sig=&timestamp=1795427367")
    assert request_text(request) == 'GET /json  api_key=*** sig="" timestamp=1795427367'
