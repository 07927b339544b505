"""Sends one request and reads its answer, sync and async, with a bound on time and size.

Transports are used without the library's client, which would follow redirects, keep cookies and log the whole URL with
the secret of a GET.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx2

from ni_contract.client.errors import CHECK, BrokenAnswer, LookupFailed, NotReached, NotTheApi, TimedOut
from ni_contract.exchanges.sending import Worker, failure_of, read_body, read_body_async
from ni_contract.exchanges.values import Answer, Failure, Request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

MAX_BODY_BYTES = 1_000_000

# Servers close idle connections after 5 seconds or more; one that closes while in use costs a lookup.
_LIMITS = httpx2.Limits(keepalive_expiry=2.0)
_HEADERS = [("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "ni-contract")]


_ENCODED = Failure("encoded", "the answer is compressed, which was not asked for")
_CUT_OFF = Failure("cut-off", "the connection ended in the middle of the answer")

SendResult = Answer | Failure


class Sender:
    """Sends requests, one at a time for each connection; several threads may use it, each with a connection of its own.

    Give *transport* to use your own for all of them; it is then yours to close.
    """

    def __init__(self, transport: httpx2.BaseTransport | None, trust: ssl.SSLContext) -> None:
        self._given, self._trust = transport, trust
        self._idle: list[httpx2.BaseTransport] = []
        self._process = os.getpid()

    def send(self, request: Request, timeout: float) -> SendResult:
        """The answer, or why there is none after at most *timeout* seconds.

        The library's own timeout counts for each read. So a thread sends, and is abandoned when the time is over.
        """
        transport = self._take() if self._given is None else self._given
        worker = Worker()
        try:
            outcome = worker.run(lambda: _send(transport, request, timeout), timeout)
        finally:
            worker.stop()
        if self._given is None:
            self._give(transport, outcome)
        return outcome

    def _take(self) -> httpx2.BaseTransport:
        if self._process != os.getpid():  # After a fork the connections belong to the parent.
            self._idle, self._process = [], os.getpid()
        with suppress(IndexError):
            return self._idle.pop()
        return httpx2.HTTPTransport(verify=self._trust, limits=_LIMITS)

    def _give(self, transport: httpx2.BaseTransport, outcome: SendResult) -> None:
        if isinstance(outcome, Answer):
            self._idle.append(transport)
        else:
            # An abandoned thread ends at the next byte, or at the library's own timeout.
            with suppress(Exception):
                transport.close()

    def close(self) -> None:
        """Closes the connections, but not those of a transport that was given."""
        while self._idle:
            self._idle.pop().close()


def _send(transport: httpx2.BaseTransport, request: Request, timeout: float) -> SendResult:
    try:
        response = transport.handle_request(_prepared(request, timeout))
    except Exception as error:  # noqa: BLE001  a transport of the caller's may raise anything
        return _failure(error, timeout)
    try:
        return _refused(response) or _answer(response, read_body(response.iter_bytes(), most=MAX_BODY_BYTES))
    except Exception as error:  # noqa: BLE001
        return _late_failure(error, timeout)
    finally:
        with suppress(Exception):
            response.close()


class AsyncSender:
    """The async version of `Sender`, for asyncio."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None, trust: ssl.SSLContext) -> None:
        self._given, self._trust = transport, trust
        self._own: httpx2.AsyncBaseTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, request: Request, timeout: float) -> SendResult:
        """The answer, or why there is none after at most *timeout* seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await _send_async(self._given or self._transport(), request, timeout)
        except TimeoutError:
            return failure_of(httpx2.ReadTimeout(""), timeout)

    def _transport(self) -> httpx2.AsyncBaseTransport:
        """The transport of the running event loop: connections belong to one loop, a client may be used on several."""
        loop = asyncio.get_running_loop()
        if self._own is None or self._loop is not loop:
            self._own, self._loop = httpx2.AsyncHTTPTransport(verify=self._trust, limits=_LIMITS), loop
        return self._own

    async def aclose(self) -> None:
        """Closes the connections, but not those of a transport that was given."""
        own, self._own = self._own, None
        if own is not None and self._loop is asyncio.get_running_loop():
            await own.aclose()


async def _send_async(transport: httpx2.AsyncBaseTransport, request: Request, timeout: float) -> SendResult:
    try:
        response = await transport.handle_async_request(_prepared(request, timeout))
    except Exception as error:  # noqa: BLE001
        return _failure(error, timeout)
    try:
        return _refused(response) or _answer(response, await read_body_async(response.aiter_bytes(), MAX_BODY_BYTES))
    except Exception as error:  # noqa: BLE001
        return _late_failure(error, timeout)
    finally:
        with suppress(Exception):
            await response.aclose()


def _prepared(request: Request, timeout: float) -> httpx2.Request:
    each = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
    headers = [*_HEADERS, *request.headers]
    content = request.body or None
    return httpx2.Request(request.method, request.url, headers=headers, content=content, extensions={"timeout": each})


def _refused(response: httpx2.Response) -> Failure | None:
    """The failure of a compressed answer: no compression was asked for, and a small body could grow huge."""
    if response.headers.get("content-encoding", "identity").lower() == "identity":
        return None
    return _ENCODED


def _answer(response: httpx2.Response, body: bytes | Failure) -> SendResult:
    if isinstance(body, Failure):
        return body
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Answer(response.status_code, headers, body)


def _failure(error: Exception, timeout: float) -> Failure:
    if isinstance(error, TimeoutError):
        return failure_of(httpx2.ReadTimeout(""), timeout)
    if isinstance(error, httpx2.RemoteProtocolError):
        return Failure("protocol", failure_of(error, timeout).message)
    if isinstance(error, httpx2.TransportError | OSError):
        return failure_of(error, timeout)
    return Failure("crash", f"the transport raised {type(error).__name__}")


def _late_failure(error: Exception, timeout: float) -> Failure:
    """The failure of an error that came after the answer had begun; else as `_failure`."""
    failure = _failure(error, timeout)
    if failure.kind in ("timeout", "crash"):
        return failure
    return _CUT_OFF


_RAISED: dict[str, tuple[type[LookupFailed], str]] = {
    "too-large": (BrokenAnswer, CHECK),
    "encoded": (BrokenAnswer, CHECK),
    "cut-off": (BrokenAnswer, "try again"),
    "timeout": (TimedOut, "give a longer timeout, or try again later"),
    "protocol": (NotTheApi, CHECK),
    "tls": (NotReached, "check the host's certificate, or name its CA with ca_file"),
    "name": (NotReached, "check the host in the base URL"),
    "refused": (NotReached, "check host and port in the base URL, and that the service runs"),
}


def error_of(failure: Failure, mask: Callable[[str], str]) -> LookupFailed:
    """The exception for *failure*; its message goes through *mask*."""
    kind, advice = _RAISED.get(failure.kind, (NotReached, "try again"))
    return kind(mask(f"{failure.message}; {advice}"))
