"""Sends one request and reads its answer, sync and async, with a bound on time and size.

Transports are used without the library's client, which would follow redirects, keep cookies and log the whole URL with
the secret of a GET.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import httpx2

from ni_contract.client.errors import CHECK, BrokenAnswer, LookupFailed, NotReached, NotTheApi, TimedOut
from ni_contract.exchanges.sending import CUT_OFF, Result, answer_with, failure_of, read_body, read_body_async
from ni_contract.exchanges.values import Failure, Request

MAX_BODY_BYTES = 1_000_000

# Servers close idle connections after 5 seconds or more; one that closes while in use costs a lookup.
LIMITS = httpx2.Limits(keepalive_expiry=2.0)
_HEADERS = [("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "ni-contract")]


def exchange(transport: httpx2.BaseTransport, request: Request, timeout: float) -> Result:
    """The answer of *transport*, or why there is none; *timeout* (seconds) is for each read."""
    response = None
    try:
        response = transport.handle_request(_prepared(request, timeout))
        return _refused(response) or answer_with(response, read_body(response.iter_bytes(), most=MAX_BODY_BYTES))
    except Exception as error:  # noqa: BLE001  a transport of the caller's may raise anything
        return _failure(error, timeout, response)
    finally:
        if response is not None:
            with suppress(Exception):
                response.close()


async def exchange_async(transport: httpx2.AsyncBaseTransport, request: Request, timeout: float) -> Result:
    """The same with `await`."""
    response = None
    try:
        response = await transport.handle_async_request(_prepared(request, timeout))
        return _refused(response) or answer_with(
            response, await read_body_async(response.aiter_bytes(), MAX_BODY_BYTES)
        )
    except Exception as error:  # noqa: BLE001
        return _failure(error, timeout, response)
    finally:
        if response is not None:
            with suppress(Exception):
                await response.aclose()


def _prepared(request: Request, timeout: float) -> httpx2.Request:
    each = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
    headers = [*_HEADERS, *request.headers]
    content = request.body or None
    return httpx2.Request(request.method, request.url, headers=headers, content=content, extensions={"timeout": each})


def _refused(response: httpx2.Response) -> Failure | None:
    """The failure of a compressed answer: no compression was asked for, and a small body could grow huge."""
    is_plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    return None if is_plain else Failure("encoded", "the answer is compressed, which was not asked for")


def _failure(error: Exception, timeout: float, response: httpx2.Response | None) -> Failure:
    """The reason why there is no answer; once *response* has begun, a connection that fails cut it off."""
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return failure_of(httpx2.ReadTimeout(""), timeout)
    if not isinstance(error, httpx2.TransportError | OSError):
        return Failure("crash", f"the transport raised {type(error).__name__}")
    if response is not None:
        return Failure(CUT_OFF, "the connection ended in the middle of the answer")
    failure = failure_of(error, timeout)
    return Failure("protocol", failure.message) if isinstance(error, httpx2.RemoteProtocolError) else failure


_RAISED: dict[str, tuple[type[LookupFailed], str]] = {
    "too-large": (BrokenAnswer, CHECK),
    "encoded": (BrokenAnswer, CHECK),
    CUT_OFF: (BrokenAnswer, "try again"),
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
