"""The two clients: settings, connections, one request within bounds of time and size, and retries.

Transports are used without the library's client, which would follow redirects, keep cookies and log the whole URL with
the secret of a GET.
"""

import asyncio
import math
import os
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

import httpx2

from ni_contract.client.errors import InvalidArgument, error_of
from ni_contract.client.generated.clients import Operations, R
from ni_contract.client.generated.results import Busy, LookupResult, result_of
from ni_contract.client.operation import Operation
from ni_contract.client.reading import read_answer
from ni_contract.client.requests import ClientCredentials, account_of, build_request, clean_base_url
from ni_contract.exchanges import sending
from ni_contract.exchanges.values import Answer, Failure, Request

MAX_TIMEOUT_SECONDS = 3_600.0
MAX_RETRIES = 10
MAX_DELAY_SECONDS = 60.0
MAX_BODY_BYTES = 1_000_000

# Servers close idle connections after 5 seconds or more; one that closes while in use costs a lookup.
_LIMITS = httpx2.Limits(keepalive_expiry=2.0)
_HEADERS = [("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "ni-contract")]

TransportT = TypeVar("TransportT")
PauseT = TypeVar("PauseT")


class _Settings(Operations[R], Generic[R, TransportT, PauseT]):
    """A client without what sends.

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
        sleep: Callable[[float], PauseT] | None = None,
    ) -> None:
        if not isinstance(credentials, ClientCredentials):
            raise InvalidArgument("credentials have to be KeyAndSecret(…), Basic(…) or Signed(…)")
        if transport is not None and not hasattr(transport, self._handler):
            raise InvalidArgument(f"give a transport of httpx2 with {self._handler}, not {type(transport).__name__}")
        self._credentials = credentials
        self.base_url: Final[str] = clean_base_url(base_url)
        self._request = partial(build_request, self.base_url, credentials)
        self._timeout = _within(timeout, "timeout", 0.001, MAX_TIMEOUT_SECONDS)
        self._retries = int(_within(busy_retries, "busy_retries", 0, MAX_RETRIES))
        self._delay = _within(busy_delay, "busy_delay", 0, MAX_DELAY_SECONDS)
        self._trust = ssl_context or _trust(ca_file, self.base_url)
        self._sleep, self._given = sleep, transport
        self._idle: list[TransportT] = []
        self._owner: object = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._credentials!r}, base_url={self.base_url!r}, timeout={self._timeout:g})"

    def _take(self, owner: object, make: Callable[..., TransportT]) -> TransportT:
        """An idle transport of *owner*, the process or event loop: none can use another's connections."""
        if self._given is not None:
            return self._given
        if self._owner != owner:
            self._idle, self._owner = [], owner
        with suppress(IndexError):
            return self._idle.pop()
        return make(verify=self._trust, limits=_LIMITS)

    def _give_back(self, transport: TransportT) -> None:
        if transport is not self._given:
            self._idle.append(transport)

    def _result(self, received: sending.Result, operation: Operation) -> LookupResult:
        mask = account_of(self._credentials).redactor()
        if isinstance(received, Failure):
            raise error_of(received, mask)
        return result_of(read_answer(received, operation, mask))


class Client(_Settings[LookupResult, httpx2.BaseTransport, object]):
    """Number Insight Basic, sync. Several threads may use it at once."""

    _handler = "handle_request"

    def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> LookupResult:
        """One request, and another one for each answer Busy, as long as there are retries left."""
        for is_last in (*[False] * self._retries, True):
            result = self._result(self._send(self._request(operation, media_type, values)), operation)
            if is_last or not isinstance(result, Busy):
                break
            (self._sleep or time.sleep)(self._delay)
        return result

    def _send(self, request: Request) -> sending.Result:
        """The answer, or why there is none in time.

        The library's own timeout is one for each read. So a thread does the work, and is left behind when it is late.
        """
        transport = self._take(os.getpid(), sending.OneAtATime)
        worker = sending.Worker(transport.hang_up) if isinstance(transport, sending.OneAtATime) else sending.Worker()
        try:
            received = worker.run(lambda: _exchange(transport, request, self._timeout), self._timeout)
        finally:
            worker.stop()
        if isinstance(received, Answer):
            self._give_back(transport)
        return received

    def close(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncClient(_Settings[Coroutine[None, None, LookupResult], httpx2.AsyncBaseTransport, Awaitable[object]]):
    """Number Insight Basic, async, for asyncio. Several tasks may use it at once."""

    _handler = "handle_async_request"

    async def _call(self, operation: Operation, media_type: str | None = None, /, **values: object) -> LookupResult:
        """One request with retries, as in `Client`."""
        for is_last in (*[False] * self._retries, True):
            result = self._result(await self._send(self._request(operation, media_type, values)), operation)
            if is_last or not isinstance(result, Busy):
                break
            await (self._sleep or asyncio.sleep)(self._delay)
        return result

    async def _send(self, request: Request) -> sending.Result:
        transport = self._take(asyncio.get_running_loop(), _LoopTransport)
        self._give_back(transport)  # Given back at once, because tasks may share one.
        return await _exchange_async(transport, request, self._timeout)

    async def aclose(self) -> None:
        """Closes the connections. A transport that was given stays open: it is its owner's."""
        while self._idle and self._owner is asyncio.get_running_loop():
            await self._idle.pop().aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()


class _LoopTransport(httpx2.AsyncHTTPTransport):
    """A transport that leaves no connection open, where its lookup is cancelled or its loop ends before `aclose`."""

    _end: AsyncGenerator[None, None] | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._end is None:
            self._end = await _begun(self._until_end_of_loop())
        opened = []

        async def note(event: str, info: dict[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                opened.append(info["return_value"])

        request.extensions["trace"] = note
        try:
            return await super().handle_async_request(request)
        except asyncio.CancelledError:
            # The library closes it, unless that was during the handshake of TLS.
            for stream in opened:
                await stream.aclose()
            raise

    async def _until_end_of_loop(self) -> AsyncGenerator[None, None]:
        """A loop that ends continues the generators that were begun on it, by their `aclose`."""
        try:
            yield
        finally:
            await self.aclose()


async def _begun(generator: AsyncGenerator[None, None]) -> AsyncGenerator[None, None]:
    """*generator* after its first step, which leaves its `aclose` to the running loop.

    A loop closes a generator that nothing refers to in a task of its own. Here it does so only while it runs: where it
    does not run again, the coroutine of that task would never be awaited, which is a warning.
    """
    loop, hooks = asyncio.get_running_loop(), sys.get_asyncgen_hooks()

    def close(dropped: AsyncGenerator[None, None]) -> None:
        if hooks.finalizer is not None and loop.is_running():
            hooks.finalizer(dropped)

    sys.set_asyncgen_hooks(finalizer=close)
    try:
        await anext(generator)
    finally:
        sys.set_asyncgen_hooks(*hooks)
    return generator


def _exchange(transport: httpx2.BaseTransport, request: Request, timeout: float) -> sending.Result:
    """The answer of *transport*, or why there is none; *timeout* (seconds) is for each read."""
    response = None
    try:
        with closing(response := transport.handle_request(_prepared(request, timeout))):
            body = _refused(response) or sending.read_body(response.iter_bytes(), most=MAX_BODY_BYTES)
            return sending.answer_with(response, body)
    except Exception as error:  # noqa: BLE001  a transport of the caller's may raise anything
        return _failure(error, timeout, response)


async def _exchange_async(transport: httpx2.AsyncBaseTransport, request: Request, timeout: float) -> sending.Result:
    """The same with `await`; *timeout* (seconds) is for all together too."""
    response = None
    try:
        async with asyncio.timeout(timeout):
            response = await transport.handle_async_request(_prepared(request, timeout))
            async with aclosing(response):
                body = _refused(response) or await sending.read_body_async(response.aiter_bytes(), MAX_BODY_BYTES)
                return sending.answer_with(response, body)
    except Exception as error:  # noqa: BLE001
        return _failure(error, timeout, response)


def _prepared(request: Request, timeout: float) -> httpx2.Request:
    extensions = {"timeout": httpx2.Timeout(timeout).as_dict()}
    headers = [*_HEADERS, *request.headers]
    return httpx2.Request(request.method, request.url, headers=headers, content=request.body, extensions=extensions)


def _refused(response: httpx2.Response) -> Failure | None:
    """The failure of a compressed answer: no compression was asked for, and a small body could grow huge."""
    is_plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    if is_plain:
        return None
    return Failure(sending.UNDECODABLE, "the answer is compressed, which was not asked for")


def _failure(error: Exception, timeout: float, response: httpx2.Response | None) -> Failure:
    """The reason why there is no answer; once *response* has begun, a connection that fails cut it off."""
    if not isinstance(error, httpx2.TransportError | OSError):
        return Failure("crash", f"the transport raised {type(error).__name__}")
    failure = sending.failure_of(error, timeout)
    if response is not None and failure.kind != "timeout":
        return Failure(sending.CUT_OFF, "the connection ended in the middle of the answer")
    return Failure("protocol", failure.message) if isinstance(error, httpx2.RemoteProtocolError) else failure


def _within(value: float, name: str, lowest: float, highest: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not lowest <= value <= highest:
        raise InvalidArgument(f"{name} has to be a number from {lowest:g} to {highest:g}, not {ascii(value)[:40]}")
    return value


def _trust(ca_file: str | Path | None, base_url: str) -> ssl.SSLContext:
    """The context that trusts *ca_file*, else the system's store. Raises InvalidArgument."""
    named = f"ca_file {str(ca_file)!r}"
    try:
        if ca_file is not None:
            return ssl.create_default_context(cafile=ca_file)
        if not base_url.startswith("https:"):
            # One that trusts nothing, because plain HTTP needs no certificates, and loading them is slow.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        named = " and ".join(f"{name}={os.environ.get(name)!r}" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        return httpx2.create_ssl_context()
    except (OSError, ValueError, TypeError):
        raise InvalidArgument(f"{named}: no certificates in PEM format can be read there") from None
