"""The three secrets of an account, kept out of every repr, and how flags and environment variables give them."""

import argparse
import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote_plus

from ni_contract.errors import UsageError
from ni_contract.exchanges.redaction import Redactor, redactor_of

_SEPARATED = re.compile("[&=#;+ ]")
EXAMPLE_KEY = "n3xm0rocks"
EXAMPLE_SECRET = "12ab34cd"
EXAMPLE_SIGNATURE_SECRET = "SIGSECRET"


@dataclass(frozen=True, slots=True)
class Credentials:
    """API key, API secret and signature secret; the defaults are the published examples, not an account.

    *seen* are further secrets, found in exchanges, that are masked as well.
    """

    api_key: str = field(default=EXAMPLE_KEY, repr=False)
    api_secret: str = field(default=EXAMPLE_SECRET, repr=False)
    signature_secret: str = field(default=EXAMPLE_SIGNATURE_SECRET, repr=False)
    seen: tuple[str, ...] = field(default=(), repr=False)

    def redactor(self) -> Redactor:
        """A function from text to text that masks all that `masked` returns."""
        return redactor_of(self.masked())

    def masked(self) -> tuple[str, ...]:
        """These secrets, the Basic token made of them, and what a server reads of one that was not URL-encoded."""
        # A secret without its last character is also masked: a vector sends it, and it reveals nearly as much.
        found = [self.api_secret[:-1], self.signature_secret[:-1]]
        if self.api_key:
            found.append(self.basic_token())
        whole = (self.api_key, self.api_secret, self.signature_secret)
        # What follows an `&` is a parameter of its own, up to an `=` or a `#`; a `+` is read as a space.
        for text in sorted({*whole, *map(unquote_plus, whole)}):
            found += [text, *_SEPARATED.split(text), *text.split("&"), *re.split("[&#]", text)]
        return (*found, *self.seen)

    def basic_token(self) -> str:
        """Base64 of `key:secret`, as in `Authorization: Basic …` (RFC 7617)."""
        return base64.b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()

    def key_token(self) -> str:
        """Base64 of the key alone, without the colon that HTTP Basic demands."""
        return base64.b64encode(self.api_key.encode()).decode()

    def joined(self) -> str:
        """The secret behind the last character of the key, as a vector sends it."""
        return f"{self.api_key[-1:]}{self.api_secret}"


# The key or the secret of the requests whose credentials are meant to be refused.
WRONG_KEY, WRONG_SECRET = "not-the-key", "not-the-secret"
# Words that programs make of a missing value, patterns that match every secret, and one that is not ASCII.
WRONG_SECRETS = (WRONG_SECRET, "null", "undefined", "None", "%", ".*", "p\u00e4ss")
# Replaces the account in every recording of a live run: requests with right credentials have these, requests with
# wrong ones have others, and signatures are made with the third. They are not real secrets.
RECORDED_ACCOUNT = Credentials("REDACTED-KEY", "REDACTED-SECRET", "REDACTED-SIGNATURE-SECRET")


def flag_of(name: str) -> str:
    """The flag whose value is the attribute *name* of the parsed arguments."""
    return f"--{name.replace('_', '-')}"


VARIABLES: Final = {"api_key": "NI_API_KEY", "api_secret": "NI_API_SECRET", "signature_secret": "NI_SIGNATURE_SECRET"}
# The flags that give a credential, each with the variable that gives it too.
FLAGS: Final = {flag_of(name): variable for name, variable in VARIABLES.items()}
PUBLISHED: Final = Credentials()
_NO_FLAGS: Final = argparse.Namespace(**dict.fromkeys(VARIABLES))


def credentials_from(args: argparse.Namespace = _NO_FLAGS, default: Credentials = PUBLISHED) -> Credentials:
    """The credentials of *args*, else of the environment, else those of *default*.

    Raises UsageError where one is empty or not UTF-8.
    """
    named = {name: os.environ[variable] for name, variable in VARIABLES.items() if variable in os.environ}
    named |= {name: getattr(args, name) for name in VARIABLES if getattr(args, name) is not None}
    if not all(named.values()):
        raise UsageError("a credential is empty; give key and secrets, as flags or as NI_API_KEY and the like, or none")
    return _checked(named, default)


def _checked(named: Mapping[str, str], default: Credentials = PUBLISHED) -> Credentials:
    """The credentials *named*, the others of *default*. Raises UsageError for one that is not UTF-8, not showing it."""
    try:
        "".join(named.values()).encode()
    except UnicodeEncodeError:
        raise UsageError("a credential is not text in UTF-8") from None
    values: dict[str, Any] = dict(named)
    return replace(default, **values)


def given_credentials(args: argparse.Namespace = _NO_FLAGS) -> Credentials | None:
    """The credentials given by flags, else by the environment; None unless key and secret are both there."""
    found = {name: getattr(args, name) or os.environ.get(variable) for name, variable in VARIABLES.items()}
    named = {name: value for name, value in found.items() if value}
    if not {"api_key", "api_secret"} <= named.keys():
        return None
    return _checked(named)


def has_signature_secret(flag: str | None) -> bool:
    """Whether a signature secret was given; without one no signed request is sent."""
    return bool(flag or os.environ.get("NI_SIGNATURE_SECRET"))
