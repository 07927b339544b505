"""Credentials of a request, in three forms. Section: Authentication information; wire facts, Request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from ni_contract.client.errors import InvalidArgument
from ni_contract.client.generated import operations as api
from ni_contract.contract.signature import Method, sign
from ni_contract.exchanges.credentials import Credentials

Pairs = list[tuple[str, str]]


def _check(credentials: ClientCredentials) -> None:
    """Raises InvalidArgument, without showing a value, for a credential that cannot be sent."""
    account = account_of(credentials)
    values = (account.api_key, account.api_secret)
    if not all(isinstance(value, str) and value for value in values):
        raise InvalidArgument("a credential is empty or no text: give the key and the secret of the account")
    # Lone surrogates only: Python's own error of encoding would hold the value.
    if any("\ud800" <= character <= "\udfff" for character in "".join(values)):
        raise InvalidArgument("a credential is not text in UTF-8: give it as the account page shows it")
    if isinstance(credentials, Basic) and ":" in credentials.api_key:
        raise InvalidArgument("HTTP Basic cannot carry an api_key with a colon in it: use KeyAndSecret or Signed")
    if isinstance(credentials, Signed) and credentials.method not in (methods := get_args(Method)):
        raise InvalidArgument(f"no signature method is called {credentials.method!r}; use {', '.join(methods)}")


@dataclass(frozen=True, slots=True)
class KeyAndSecret:
    """API key and secret as two parameters: in the query of a GET, in the body of a POST."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True)
class Basic:
    """API key and secret in the header `Authorization: Basic …` (RFC 7617), and in no parameter."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True)
class Signed:
    """API key, and a signature of all parameters with the time (seconds since the epoch) in the place of the secret.

    *method* is what the account was set to: `md5hash`, or HMAC with md5, sha1, sha256 or sha512.
    """

    api_key: str = field(repr=False)
    signature_secret: str = field(repr=False)
    method: Method = "md5hash"
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        _check(self)


ClientCredentials = KeyAndSecret | Basic | Signed


def authenticated(params: Pairs, credentials: ClientCredentials) -> tuple[Pairs, Pairs]:
    """*params* with those of *credentials*, and the headers that carry some."""
    if isinstance(credentials, Basic):
        return params, [("Authorization", f"Basic {account_of(credentials).basic_token()}")]
    with_key = [*params, (api.SECURITY["apiKey"], credentials.api_key)]
    if isinstance(credentials, KeyAndSecret):
        return [*with_key, (api.SECURITY["apiSecret"], credentials.api_secret)], []
    signed = [*with_key, (api.TIMESTAMP, str(int(credentials.clock())))]
    signature = sign(signed, credentials.signature_secret, credentials.method)
    return [*signed, (api.SECURITY["signature"], signature)], []


def account_of(credentials: ClientCredentials) -> Credentials:
    """The account, which masks its secrets in texts; one secret stands for both."""
    secret = credentials.signature_secret if isinstance(credentials, Signed) else credentials.api_secret
    return Credentials(credentials.api_key, secret, secret)
