"""Base classes of the generated clients: settings, one call, and the retries that were asked for."""

from __future__ import annotations

import asyncio
import math
import os
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

import httpx2

from ni_contract.client.credentials import Basic, Credentials, KeyAndSecret, Signed
from ni_contract.client.errors import InvalidArgument
from ni_contract.client.operation import Api, Operation
from ni_contract.client.reading import Fields, read_answer
from ni_contract.client.requests import build_request, clean_base_url
from ni_contract.client.sending import AsyncSender, Sender, SendResult, error_of
from ni_contract.exchanges.values import Failure, Request

MAX_TIMEOUT_SECONDS = 3_600.0
MAX_RETRIES = 10
MAX_DELAY_SECONDS = 60.0

_NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # The context for plain HTTP: it trusts no certificate.

R = TypeVar("R")
TransportT = TypeVar("TransportT")
SleepT = TypeVar("SleepT")


class _Calls(Generic[R, TransportT, SleepT]):
    """A client without its operations and without what sends.

    *credentials*: KeyAndSecret, Basic or Signed. *base_url*: where the API is, when it is not the vendor's.
    *timeout*: seconds for one request and its whole answer. *ca_file* (PEM) or *ssl_context*: what to trust over HTTPS.
    *transport*: an httpx2 transport of your own, for a proxy, an application in process, or a test; you close it.
    *busy_retries*: how many more requests to send while the API says busy, each after *busy_delay* seconds by *sleep*.
    Raises InvalidArgument.
    """

    _api: ClassVar[Api]
    _busy: ClassVar[type]
    _handler: ClassVar[str]

    def __init__(
        self,
        credentials: Credentials,
        base_url: str | None = None,
        *,
        timeout: float = 10.0,
        ca_file: str | Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: TransportT | None = None,
        busy_retries: int = 0,
        busy_delay: float = 1.0,
        sleep: SleepT | None = None,
    ) -> None:
        if not isinstance(credentials, KeyAndSecret | Basic | Signed):
            raise InvalidArgument("credentials have to be KeyAndSecret(…), Basic(…) or Signed(…)")
        self._credentials = credentials
        self._base_url = clean_base_url(base_url, self._api)
        self._timeout = _within(timeout, "timeout", 0.001, MAX_TIMEOUT_SECONDS)
        self._retries = int(_within(busy_retries, "busy_retries", 0, MAX_RETRIES))
        self._delay = _within(busy_delay, "busy_delay", 0, MAX_DELAY_SECONDS)
        _check_transport(transport, self._handler)
        self._begin(transport, _trust(ssl_context, ca_file, self._base_url), sleep)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._credentials!r}, base_url={self._base_url!r}, timeout={self._timeout:g})"

    @property
    def base_url(self) -> str:
        """The URL of the API, without the API's own path."""
        return self._base_url

    def _begin(self, transport: TransportT | None, trust: ssl.SSLContext, sleep: SleepT | None) -> None:
        raise NotImplementedError

    def _result_of(self, fields: Fields) -> R:
        """The result that the values of an answer make. Raises IncompleteAnswer."""
        raise NotImplementedError

    def _request(self, operation: Operation, media_type: str | None, values: Mapping[str, object]) -> Request:
        return build_request(self._api, operation, self._base_url, self._credentials, values, media_type)

    def _result(self, outcome: SendResult, operation: Operation) -> R:
        if isinstance(outcome, Failure):
            raise error_of(outcome, self._mask)
        return self._result_of(read_answer(outcome, operation, self._api, self._mask))

    def _mask(self, text: str) -> str:
        return self._credentials.redactor()(text)


class Calls(_Calls[R, httpx2.BaseTransport, Callable[[float], object]]):
    """A sync client without its operations. Several threads may use it at once."""

    _handler = "handle_request"

    def _begin(
        self,
        transport: httpx2.BaseTransport | None,
        trust: ssl.SSLContext,
        sleep: Callable[[float], object] | None,
    ) -> None:
        self._sender, self._sleep = Sender(transport, trust), sleep or time.sleep

    def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> R:
        """One request, and another one for each answer Busy, as long as there are retries left."""
        for _ in range(self._retries):
            result = self._once(operation, media_type, values)
            if not isinstance(result, self._busy):
                return result
            self._sleep(self._delay)
        return self._once(operation, media_type, values)

    def _once(self, operation: Operation, media_type: str | None, values: Mapping[str, object]) -> R:
        request = self._request(operation, media_type, values)
        return self._result(self._sender.send(request, self._timeout), operation)

    def close(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncCalls(_Calls[R, httpx2.AsyncBaseTransport, Callable[[float], Awaitable[object]]]):
    """An async client without its operations, for asyncio."""

    _handler = "handle_async_request"

    def _begin(
        self,
        transport: httpx2.AsyncBaseTransport | None,
        trust: ssl.SSLContext,
        sleep: Callable[[float], Awaitable[object]] | None,
    ) -> None:
        self._sender, self._sleep = AsyncSender(transport, trust), sleep or asyncio.sleep

    async def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> R:
        """One request with retries, as in `Calls`."""
        for _ in range(self._retries):
            result = await self._once(operation, media_type, values)
            if not isinstance(result, self._busy):
                return result
            await self._sleep(self._delay)
        return await self._once(operation, media_type, values)

    async def _once(self, operation: Operation, media_type: str | None, values: Mapping[str, object]) -> R:
        request = self._request(operation, media_type, values)
        return self._result(await self._sender.send(request, self._timeout), operation)

    async def aclose(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()


def _within(value: float, name: str, lowest: float, highest: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not lowest <= value <= highest:
        raise InvalidArgument(f"{name} has to be a number from {lowest:g} to {highest:g}, not {ascii(value)[:40]}")
    return value


def _check_transport(transport: object, method: str) -> None:
    if transport is not None and not hasattr(transport, method):
        raise InvalidArgument(
            f"transport has to be an httpx2 transport with {method}, not {type(transport).__name__}: "
            "sync for Client, async for AsyncClient"
        )


def _trust(given: ssl.SSLContext | None, ca_file: str | Path | None, base_url: str) -> ssl.SSLContext:
    """The source of trusted certificates: the context *given*, else *ca_file*, else the system's store."""
    if given is not None:
        return given
    if ca_file is None:
        is_https = base_url.startswith("https:")
        if is_https:
            return _system_trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        return _NO_TRUST
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError, TypeError):
        raise InvalidArgument(f"ca_file {str(ca_file)!r}: no certificates in PEM format can be read there") from None


@cache
def _system_trust(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The TLS context of the certificates of the system, cached by the environment because loading is slow."""
    try:
        return httpx2.create_ssl_context()
    except (OSError, ValueError):
        raise InvalidArgument(
            f"SSL_CERT_FILE={file!r}, SSL_CERT_DIR={folder!r}: no certificates in PEM format can be read there"
        ) from None
