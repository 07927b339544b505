"""Credentials from flags and environment variables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials

VARIABLES: Final = {"api_key": "NI_API_KEY", "api_secret": "NI_API_SECRET", "signature_secret": "NI_SIGNATURE_SECRET"}
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
    return checked_credentials(named, default)


def checked_credentials(named: Mapping[str, str], default: Credentials = PUBLISHED) -> Credentials:
    """The credentials *named*, the others of *default*. Raises UsageError for one that is not UTF-8, not showing it."""
    try:
        "".join(named.values()).encode()
    except UnicodeEncodeError:
        raise UsageError("a credential is not text in UTF-8") from None
    return replace(default, **named)


def given_credentials(args: argparse.Namespace = _NO_FLAGS) -> Credentials | None:
    """The credentials given by flags, else by the environment; None unless key and secret are both there."""
    found = {name: getattr(args, name) or os.environ.get(variable) for name, variable in VARIABLES.items()}
    named = {name: value for name, value in found.items() if value}
    if not {"api_key", "api_secret"} <= named.keys():
        return None
    return checked_credentials(named)


def has_signature_secret(flag: str | None) -> bool:
    """Whether a signature secret was given; without one no signed request is sent."""
    return bool(flag or os.environ.get("NI_SIGNATURE_SECRET"))
