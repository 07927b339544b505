"""Credentials of a request, in three forms. Section: Authentication information; wire facts, Request."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from ni_contract.client.errors import InvalidArgument
from ni_contract.client.operation import Api
from ni_contract.contract.signature import sign
from ni_contract.exchanges.redaction import Redactor

Method = Literal["md5hash", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"]
Pairs = list[tuple[str, str]]


class _Account:
    """The parts that most credentials share: the parameters as they are, no header, a mask for all secret values."""

    __slots__ = ()

    def added_to(self, params: Pairs, api: Api) -> Pairs:
        """*params* with the credentials that travel as parameters."""
        return params

    def headers(self) -> Pairs:
        """The headers in which credentials travel."""
        return []

    def redactor(self) -> Redactor:
        """Masks these credentials in a text."""
        return Redactor(self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class KeyAndSecret(_Account):
    """API key and secret as two parameters: in the query of a GET, in the body of a POST."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    schemes: ClassVar[frozenset[str]] = frozenset({"apiKey", "apiSecret"})

    def __post_init__(self) -> None:
        _check(self.api_key, self.api_secret)

    def added_to(self, params: Pairs, api: Api) -> Pairs:
        """*params* and the credentials."""
        return [*params, (api.security["apiKey"], self.api_key), (api.security["apiSecret"], self.api_secret)]

    def _secrets(self) -> tuple[str, ...]:
        return self.api_key, self.api_secret


@dataclass(frozen=True, slots=True)
class Basic(_Account):
    """API key and secret in the header `Authorization: Basic …` (RFC 7617), and in no parameter."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)

    schemes: ClassVar[frozenset[str]] = frozenset({"basic"})

    def __post_init__(self) -> None:
        _check(self.api_key, self.api_secret)
        if ":" in self.api_key:
            raise InvalidArgument("HTTP Basic cannot carry an api_key with a colon in it: use KeyAndSecret or Signed")

    def headers(self) -> Pairs:
        """The header."""
        return [("Authorization", f"Basic {self._token()}")]

    def _secrets(self) -> tuple[str, ...]:
        return self.api_key, self.api_secret, self._token()

    def _token(self) -> str:
        return base64.b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Signed(_Account):
    """API key, and a signature of all parameters with the time (seconds since the epoch) in the place of the secret.

    *method* is what the account was set to: `md5hash`, or HMAC with md5, sha1, sha256 or sha512.
    """

    api_key: str = field(repr=False)
    signature_secret: str = field(repr=False)
    method: Method = "md5hash"
    clock: Callable[[], float] = field(default=time.time, repr=False)

    schemes: ClassVar[frozenset[str]] = frozenset({"apiKey", "signature"})

    def __post_init__(self) -> None:
        _check(self.api_key, self.signature_secret)
        if self.method not in get_args(Method):
            raise InvalidArgument(f"no signature method is called {self.method!r}; use {', '.join(get_args(Method))}")

    def added_to(self, params: Pairs, api: Api) -> Pairs:
        """*params* with the key, the timestamp and the signature of them all."""
        signed = [*params, (api.security["apiKey"], self.api_key), (api.timestamp, str(int(self.clock())))]
        return [*signed, (api.security["signature"], sign(signed, self.signature_secret, self.method))]

    def _secrets(self) -> tuple[str, ...]:
        return self.api_key, self.signature_secret


Credentials = KeyAndSecret | Basic | Signed


def _check(*values: str) -> None:
    """Raises InvalidArgument, without showing a value, for a credential that cannot be sent."""
    if not all(isinstance(value, str) and value for value in values):
        raise InvalidArgument("a credential is empty or no text: give the key and the secret of the account")
    # Lone surrogates only: Python's own error of encoding would hold the value.
    if any("\ud800" <= character <= "\udfff" for character in "".join(values)):
        raise InvalidArgument("a credential is not text in UTF-8: give it as the account page shows it")
