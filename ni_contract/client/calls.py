"""Base classes of the generated clients: settings, one call, and the retries that were asked for."""

from __future__ import annotations

import asyncio
import math
import os
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

import httpx2

from ni_contract.client.credentials import Basic, ClientCredentials, KeyAndSecret, Signed, account_of
from ni_contract.client.errors import InvalidArgument
from ni_contract.client.generated.results import Busy, LookupResult, result_of
from ni_contract.client.operation import Operation
from ni_contract.client.reading import read_answer
from ni_contract.client.requests import build_request, clean_base_url
from ni_contract.client.sending import LIMITS, error_of, exchange, exchange_async
from ni_contract.exchanges.sending import Result, Worker, failure_of
from ni_contract.exchanges.values import Answer, Failure, Request

MAX_TIMEOUT_SECONDS = 3_600.0
MAX_RETRIES = 10
MAX_DELAY_SECONDS = 60.0

_NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # The context for plain HTTP: it trusts no certificate.

R = TypeVar("R")
TransportT = TypeVar("TransportT")
SleepT = TypeVar("SleepT")


class Caller(Generic[R]):
    """The base of the generated operations."""

    def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> R:
        raise NotImplementedError


class _Settings(Generic[TransportT, SleepT]):
    """A client without its operations and without what sends.

    *credentials*: KeyAndSecret, Basic or Signed. *base_url*: where the API is, when it is not the vendor's.
    *timeout*: seconds for one request and its whole answer. *ca_file* (PEM) or *ssl_context*: what to trust over HTTPS.
    *transport*: an httpx2 transport of your own, for a proxy, an application in process, or a test; you close it.
    *busy_retries*: how many more requests to send while the API says busy, each after *busy_delay* seconds by *sleep*.
    Raises InvalidArgument.
    """

    _handler: ClassVar[str]

    def __init__(
        self,
        credentials: ClientCredentials,
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
        if transport is not None and not hasattr(transport, self._handler):
            raise InvalidArgument(
                f"transport has to be an httpx2 transport with {self._handler}, not {type(transport).__name__}: "
                "sync for Client, async for AsyncClient"
            )
        self._credentials = credentials
        self._base_url = clean_base_url(base_url)
        self._timeout = _within(timeout, "timeout", 0.001, MAX_TIMEOUT_SECONDS)
        self._retries = int(_within(busy_retries, "busy_retries", 0, MAX_RETRIES))
        self._delay = _within(busy_delay, "busy_delay", 0, MAX_DELAY_SECONDS)
        self._trust = ssl_context or _trust(ca_file, self._base_url)
        self._sleep, self._given = sleep, transport
        self._idle: list[TransportT] = []
        self._owner: object = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._credentials!r}, base_url={self._base_url!r}, timeout={self._timeout:g})"

    @property
    def base_url(self) -> str:
        """The URL of the API, without the API's own path."""
        return self._base_url

    def _take(self, owner: object, make: Callable[..., TransportT]) -> TransportT:
        """An idle transport of *owner*, the process or event loop: none can use another's connections."""
        if self._given is not None:
            return self._given
        if self._owner != owner:
            self._idle, self._owner = [], owner
        with suppress(IndexError):
            return self._idle.pop()
        return make(verify=self._trust, limits=LIMITS)

    def _give_back(self, transport: TransportT) -> None:
        if transport is not self._given:
            self._idle.append(transport)

    def _request(self, operation: Operation, media_type: str | None, values: Mapping[str, object]) -> Request:
        return build_request(operation, self._base_url, self._credentials, values, media_type)

    def _result(self, received: Result, operation: Operation) -> LookupResult:
        mask = account_of(self._credentials).redactor()
        if isinstance(received, Failure):
            raise error_of(received, mask)
        return result_of(read_answer(received, operation, mask))


class Calls(_Settings[httpx2.BaseTransport, Callable[[float], object]]):
    """A sync client without its operations. Several threads may use it at once."""

    _handler = "handle_request"

    def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> LookupResult:
        """One request, and another one for each answer Busy, as long as there are retries left."""
        for is_last in (*[False] * self._retries, True):
            result = self._result(self._send(self._request(operation, media_type, values)), operation)
            if is_last or not isinstance(result, Busy):
                break
            (self._sleep or time.sleep)(self._delay)
        return result

    def _send(self, request: Request) -> Result:
        """The answer, or why there is none in time.

        The library's own timeout is one for each read. So a thread does the work, and is left behind when it is late.
        """
        transport, worker = self._take(os.getpid(), httpx2.HTTPTransport), Worker()
        try:
            received = worker.run(lambda: exchange(transport, request, self._timeout), self._timeout)
        finally:
            worker.stop()
        if isinstance(received, Answer):
            self._give_back(transport)
        elif transport is not self._given:
            # An abandoned thread ends at the next byte, or at the library's own timeout.
            with suppress(Exception):
                transport.close()
        return received

    def close(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncCalls(_Settings[httpx2.AsyncBaseTransport, Callable[[float], Awaitable[object]]]):
    """An async client without its operations, for asyncio."""

    _handler = "handle_async_request"

    async def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> LookupResult:
        """One request with retries, as in `Calls`."""
        for is_last in (*[False] * self._retries, True):
            result = self._result(await self._send(self._request(operation, media_type, values)), operation)
            if is_last or not isinstance(result, Busy):
                break
            await (self._sleep or asyncio.sleep)(self._delay)
        return result

    async def _send(self, request: Request) -> Result:
        transport = self._take(asyncio.get_running_loop(), httpx2.AsyncHTTPTransport)
        self._give_back(transport)  # Given back at once, because tasks may share one.
        try:
            async with asyncio.timeout(self._timeout):
                return await exchange_async(transport, request, self._timeout)
        except TimeoutError:
            return failure_of(httpx2.ReadTimeout(""), self._timeout)

    async def aclose(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        while self._idle and self._owner is asyncio.get_running_loop():
            await self._idle.pop().aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()


def _within(value: float, name: str, lowest: float, highest: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not lowest <= value <= highest:
        raise InvalidArgument(f"{name} has to be a number from {lowest:g} to {highest:g}, not {ascii(value)[:40]}")
    return value


def _trust(ca_file: str | Path | None, base_url: str) -> ssl.SSLContext:
    """The context that trusts *ca_file*, else the system's store. Raises InvalidArgument."""
    if ca_file is None and not base_url.startswith("https:"):
        return _NO_TRUST
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        return _system_trust(file, folder) if ca_file is None else ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError, TypeError):
        named = f"SSL_CERT_FILE={file!r}, SSL_CERT_DIR={folder!r}" if ca_file is None else f"ca_file {str(ca_file)!r}"
        raise InvalidArgument(f"{named}: no certificates in PEM format can be read there") from None


@cache
def _system_trust(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The TLS context of the certificates of the system, cached by the environment because loading is slow."""
    return httpx2.create_ssl_context()
