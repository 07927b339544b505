"""Credentials from flags and environment variables."""

from __future__ import annotations

import argparse
import os
from typing import Final

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials

PUBLISHED: Final = Credentials()


def credentials_from(args: argparse.Namespace, default: Credentials = PUBLISHED) -> Credentials:
    """The credentials of *args*, else of the environment, else those of *default*. Raises UsageError."""
    values = (
        _value(args.api_key, "NI_API_KEY", default.api_key),
        _value(args.api_secret, "NI_API_SECRET", default.api_secret),
        _value(args.signature_secret, "NI_SIGNATURE_SECRET", default.signature_secret),
    )
    if not all(values):
        raise UsageError("a credential is empty; give key and secrets, as flags or as NI_API_KEY and the like, or none")
    check_text(*values)
    return Credentials(*values)


def check_text(*values: str) -> None:
    """Raises UsageError for a credential that is not UTF-8, without showing it."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        raise UsageError("a credential is not text in UTF-8") from None


def environment_credentials() -> Credentials:
    """The credentials of the environment, else the published examples. Raises UsageError when one is empty."""
    return credentials_from(argparse.Namespace(api_key=None, api_secret=None, signature_secret=None))


def _value(given: str | None, variable: str, default: str) -> str:
    if given is not None:
        return given
    return os.environ.get(variable, default)


def given_credentials(key: str | None, secret: str | None, signature_secret: str | None) -> Credentials | None:
    """The credentials given by flags, else by the environment; None unless key and secret are both there."""
    values = {
        "api_key": key or os.environ.get("NI_API_KEY"),
        "api_secret": secret or os.environ.get("NI_API_SECRET"),
        "signature_secret": signature_secret or os.environ.get("NI_SIGNATURE_SECRET"),
    }
    if not values["api_key"] or not values["api_secret"]:
        return None
    check_text(*(value for value in values.values() if value))
    return Credentials(**{name: value for name, value in values.items() if value})


def has_signature_secret(flag: str | None) -> bool:
    """Whether a signature secret was given; without one no signed request is sent."""
    return bool(flag or os.environ.get("NI_SIGNATURE_SECRET"))
