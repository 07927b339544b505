"""The parts of a secret that a client does not URL-encode are masked."""

from __future__ import annotations

import pytest

from ni_contract.exchanges.credentials import Credentials
from ni_contract.recordings.masking import Masking


def test_parts_behind_an_ampersand_are_masked() -> None:
    """A client that does not encode them sends them as parameters of their own."""
    redact = Credentials("a-key&1+2-long", "p+q&r=s%41é", "SIGSECRET").redactor()
    assert redact("1+2-long= 1 2-long= r=s%41é r=sAé") == "***= ***= *** ***"


UNENCODED = (
    ("abcd&Z=efghijkl9tail#Yuv", "api_secret=abcd&Z=efghijkl9tail", ("efghijkl9tail",)),
    ("abcd&Zefghijkl9tail", "api_secret=abcd Zefghijkl9tail=", ("Zefghijkl9tail",)),
    (
        "abcd+Zefghijk;lmnopq rstuvw",
        "no abcd Zefghijk, lmnopq and rstuvw",
        ("Zefghijk", "lmnopq", "rstuvw"),
    ),
    ("abcdefgh&0v=8#tail=ijk", "api_secret=abcdefgh 0v=8", ("0v=8",)),
    ("abcd%26Zefgh%2Fijkl", "Zefgh/ijkl=1", ("Zefgh", "ijkl")),
)


@pytest.mark.parametrize(("secret", "text", "pieces"), UNENCODED)
def test_pieces_of_unencoded_secrets_are_masked(secret: str, text: str, pieces: tuple[str, ...]) -> None:
    account = Credentials(api_secret=secret)
    for masked in (account.redactor()(text), Masking(account).text(text)):
        assert not any(piece in masked for piece in pieces)
