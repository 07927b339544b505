"""The mistake in a wrong signature is named."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from mutants.clients import ACCOUNT

from ni_contract.contract.signature import sign
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.clauses.signature_mistakes import age_of, mistake_of

SENT = (("number", "+44 7700 900000"), ("country", "GB"), ("api_key", "a&b=c"), ("timestamp", "1795427367"))
TEXT = "&api_key=a_b_c&country=GB&number=+44 7700 900000&timestamp=1795427367"
SECRET = ACCOUNT.signature_secret.encode()


def hashed(text: str, secret: str = ACCOUNT.signature_secret) -> str:
    return hashlib.md5((text + secret).encode(), usedforsecurity=False).hexdigest()


MISTAKES = {
    hashed("&number=+44 7700 900000&country=GB&api_key=a_b_c&timestamp=1795427367"): "in the order in which they were",
    hashed(TEXT[1:]): "without the & at its start",
    hashed(TEXT.replace("a_b_c", "a&b=c")): "& and = are not replaced",
    hashed(TEXT.replace("a_b_c", "a_b=c")): "only & is replaced",
    hashed(TEXT.replace("a_b_c", "a&b_c")): "only = is replaced",
    hashed(TEXT.replace("a_b_c", "abc")): "are left out",
    hashed(TEXT.replace("a_b_c", "a-b-c")): "replaced by -, not _",
    hashed(TEXT.replace("+44 7700 900000", "%2B44+7700+900000").replace("a_b_c", "a%26b%3Dc")): "URL-encoded",
    hashed(TEXT.replace("+44", " 44")): "plus was read as a space",
    hashed(TEXT.replace("&country=GB", "")): "without country",
    hashed(TEXT.replace("&country", "&api_secret=12ab34cd&country")): "with the api_secret among them",
    hashed(TEXT, ACCOUNT.api_secret): "api_secret instead of the signature secret",
    hashed(TEXT, ""): "no secret",
    hashed("&api_key=a_b_c&number=+44 7700 900000&timestamp=1795427367&country=GB"): "but for country at the end",
    hashed(ACCOUNT.signature_secret, TEXT): "the secret in front",
    hashlib.sha256(TEXT.encode() + SECRET).hexdigest(): "sha256 without HMAC",
    hashed(TEXT.replace("&country=GB", "&country=GB&country=None")): "the country 'None' among them",
    hashed(TEXT.replace("367", "365")): "a timestamp that is 2 s older than the one",
    hashed(TEXT.replace("367", "368")): "a timestamp that is 1 s newer than the one",
    hmac.new(TEXT.encode(), SECRET, "sha256").hexdigest().upper(): "the text as its key",
}


@pytest.mark.parametrize("sig", MISTAKES, ids=list(MISTAKES.values()))
def test_usual_mistakes_are_named(sig: str) -> None:
    assert MISTAKES[sig] in mistake_of(SENT, ACCOUNT, sig)


def test_plus_lost_after_signing() -> None:
    """A plus that is signed, and sent bare, arrives as a space."""
    sig = sign(SENT, ACCOUNT.signature_secret, "hmac-sha256")
    assert "not as %2B" in mistake_of((("number", " 44 7700 900000"), *SENT[1:]), ACCOUNT, sig)


def test_other_mistakes_have_no_name() -> None:
    assert mistake_of(SENT, ACCOUNT, "0" * 32) == ""
    assert mistake_of(SENT, None, hashed(TEXT[1:])) == ""
    assert mistake_of(SENT, Credentials(signature_secret="another"), hashed(TEXT[1:])) == ""


@pytest.mark.parametrize(("key", "words"), [("a b+c", "URL-decoded"), ("a%2Bb%252Bc", "URL-encoded")])
def test_coded_secret_is_named(key: str, words: str) -> None:
    account = Credentials(signature_secret="a+b%2Bc")
    assert mistake_of(SENT, account, hashed(TEXT, key)) == f"the hash of the parameters and the secret {words}"


def test_replaced_secret_is_named() -> None:
    mistake = mistake_of(SENT, Credentials(signature_secret="a&b=c"), hashed(TEXT, "a_b_c"))
    assert mistake == "the hash of the parameters and the secret, in which & and = are replaced by _"


def test_white_space_as_one_blank_is_named() -> None:
    sent = (("number", "+44  7700 900000\t"), *SENT[1:])
    assert "white space is one blank" in mistake_of(sent, ACCOUNT, hashed(TEXT))


def test_other_encoding_is_named() -> None:
    text = TEXT.replace(" ", "\xa0").encode("latin-1") + SECRET
    sent = (("number", "+44\xa07700\xa0900000"), *SENT[1:])
    sig = hashlib.md5(text, usedforsecurity=False).hexdigest()
    assert mistake_of(sent, ACCOUNT, sig) == "the hash of the parameters in Latin-1, not in UTF-8"
    sig = hmac.new(SECRET, text.removesuffix(SECRET), "sha512").hexdigest()
    assert mistake_of(sent, ACCOUNT, sig) == "the hash of the parameters in Latin-1, not in UTF-8"


@pytest.mark.parametrize(
    ("timestamp", "words"),
    [
        ("1795427067", ", 300 s old when the request came"),
        ("1795447167", ", 19,800 s ahead when the request came"),
        ("1795427367000", ", which is in milliseconds"),
        ("1795427667000000", ", which is in microseconds"),
        ("1795427668000000", ", 1,795,425,872,572,633 s ahead when the request came"),
        ("now", ""),
    ],
)
def test_distance_of_a_timestamp(timestamp: str, words: str) -> None:
    assert age_of(timestamp, 1_795_427_367.0) == words
    assert age_of(timestamp, None) == ""


@pytest.mark.parametrize(("seconds", "is_named"), [(60, True), (61, False), (-5, True), (-6, False)])
def test_signature_of_another_moment(seconds: int, is_named: bool) -> None:
    """It is that of a request before, or of a clock that was read twice."""
    text = TEXT.replace("1795427367", str(1795427367 - seconds))
    assert bool(mistake_of(SENT, ACCOUNT, hashed(text))) == is_named
