"""Credentials stay out of everything that is printed."""

from __future__ import annotations

import pytest

from ni_contract.credentials import Credentials
from ni_contract.exchange import Answer, Exchange, Failure, Request, header
from ni_contract.redaction import Redactor, redact_body, redact_headers, redact_text, redact_url

SECRETS = ("k3y-of-mine", "s3cr3t+/&=x", "sign!ture")
ACCOUNT = Credentials(*SECRETS)


@pytest.mark.parametrize(
    "text",
    [
        "https://h/ni/basic/json?number=1&api_key=k3y-of-mine&api_secret=s3cr3t%2B",
        "https://user:s3cr3t@h/ni/basic/json",
        "api_secret=s3cr3t+&number=1",
        '{"api_secret": "s3cr3t\\"s3cr3t", "number": "1"}',
        '{"api_secret": 1234567890}',
        "sig=0123456789abcdef",
        "Authorization: Basic czNjcjN0OnMzY3IzdA==",
        "'authorization': 'Bearer s3cr3t'",
        "API_SECRET=s3cr3t",
    ],
)
def test_values_of_credential_parameters_are_masked_by_name(text: str) -> None:
    masked = redact_url(text)
    assert "***" in masked
    assert "s3cr3t" not in masked
    assert "k3y-of-mine" not in masked
    assert "0123456789abcdef" not in masked
    assert "czNjcjN0" not in masked
    assert "1234567890" not in masked


@pytest.mark.parametrize("text", ["number=441632960960", "NIB-AUT-006 HTTP Basic with api_key", "/ni/basic documented"])
def test_what_is_no_credential_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


def test_headers_that_carry_credentials_are_masked_whole() -> None:
    headers = (("Authorization", "Basic abc"), ("Cookie", "a=b"), ("Location", "/x?api_secret=s"), ("Accept", "*/*"))
    assert redact_headers(headers) == (
        ("Authorization", "***"),
        ("Cookie", "***"),
        ("Location", "/x?api_secret=***"),
        ("Accept", "*/*"),
    )


@pytest.mark.parametrize("form", ["{}", "x{}x", "https://h/{}", '{{"echo": "{}"}}'])
@pytest.mark.parametrize("secret", SECRETS)
def test_known_secrets_are_masked_wherever_they_travelled(secret: str, form: str) -> None:
    assert secret not in ACCOUNT.redactor()(form.format(secret))


def test_known_secrets_are_masked_percent_encoded_and_in_base64() -> None:
    redact = ACCOUNT.redactor()
    assert "s3cr3t%2B%2F%26%3Dx" not in redact("x=s3cr3t%2B%2F%26%3Dx")
    assert ACCOUNT.basic_token() not in redact(f"token {ACCOUNT.basic_token()}")


def test_a_secret_too_short_to_tell_from_a_word_is_masked_by_name_only() -> None:
    redact = Redactor(["a"])
    assert redact("a banana with api_secret=a") == "a banana with api_secret=***"


def test_no_repr_shows_a_credential() -> None:
    request = Request(
        "POST",
        "https://h/json?api_secret=s3cr3t",
        (("Authorization", "Basic s3cr3t"),),
        b"api_secret=s3cr3t&sig=s3cr3t",
    )
    answer = Answer(200, (("Set-Cookie", "s3cr3t"),), b'{"api_secret": "s3cr3t"}')
    everything = repr((Exchange(request, answer), ACCOUNT, ACCOUNT.redactor(), Failure("tls", "no")))
    assert "s3cr3t" not in everything
    assert "k3y-of-mine" not in everything


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    assert redact_body(b"\xff api_key=x") == "\\xff api_key=***"


def test_a_header_is_found_in_any_case() -> None:
    assert header((("Content-TYPE", "a"), ("content-type", "b")), "content-type") == "a"
    assert header((), "content-type") is None
