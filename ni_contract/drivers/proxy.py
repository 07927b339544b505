"""An ASGI app between a client and a provider: passes everything on unchanged and returns each exchange.

Only the headers of a connection itself (RFC 9110, section 7.6.1) and `Host` are those of each connection's own.
"""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from ni_contract.contract.vocabulary import API_PATH
from ni_contract.drivers.body_copy import BodyCopy
from ni_contract.exchanges.sending import MAX_ANSWER_BYTES, Result, answer_with, failure_of
from ni_contract.exchanges.values import Exchange, Failure
from ni_contract.simulator.asgi import RawHeaders, Receive, Scope, Send
from ni_contract.simulator.recording import raw_target, request_of

OnExchange = Callable[[Exchange, float], None]

MAX_REQUEST_BYTES: Final = 1_000_000
ORIGIN: Final = "proxy"
_HOP_BY_HOP: Final = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
_SOCKET_OPTIONS: Final[dict[str, Any]] = {
    "limits": httpx2.Limits(max_connections=None, max_keepalive_connections=100),
    "trust_env": False,
}


class ClientLeft(Exception):
    """The error of a client that closed its connection before the request or the answer was complete."""


class Proxy:
    """Passes requests on to *base_url*, and hands each exchange with its seconds to *on_exchange*.

    *base_url* is where the provider's `/ni/basic` is, with or without that path. An exchange whose bodies are larger
    than the bounds is passed on whole and handed over as a Failure of the kind "too-large".
    """

    def __init__(self, base_url: str, timeout: float, on_exchange: OnExchange, verify: Any = True) -> None:
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.netloc.encode()
        self._prefix = parts.path.rstrip("/").removesuffix(API_PATH).encode()
        self._seconds, self._on_exchange = timeout, on_exchange
        self._timeout = httpx2.Timeout(timeout).as_dict()
        self._transport = httpx2.AsyncHTTPTransport(verify=verify, **_SOCKET_OPTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of a client."""
        begun, now = time.perf_counter(), time.time()
        asked, answered = BodyCopy(MAX_REQUEST_BYTES), BodyCopy(MAX_ANSWER_BYTES)
        try:
            told = await self._pass_on(scope, _body(receive, asked), answered, send)
        except ClientLeft:
            return
        result = _too_large(asked, answered) or told
        request = request_of(scope, bytes(asked.data))
        self._on_exchange(Exchange(request, result, ORIGIN, now), time.perf_counter() - begun)

    async def _pass_on(self, scope: Scope, body: AsyncIterator[bytes], answered: BodyCopy, send: Send) -> Result:
        try:
            response = await self._transport.handle_async_request(self._request(scope, body))
        except (httpx2.HTTPError, OSError) as error:
            failure = failure_of(error, self._seconds)
            await _send_failure(failure, send)
            return failure
        return await self._pass_back(response, answered, send)

    async def _pass_back(self, response: httpx2.Response, answered: BodyCopy, send: Send) -> Result:
        try:
            headers = _end_to_end(response.headers.raw)
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            async for chunk in response.aiter_raw():
                answered.add(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx2.HTTPError as error:
            # The provider's answer was cut off. Ours is too, because the end of the body is never sent.
            return failure_of(error, self._seconds)
        finally:
            await response.aclose()
        return answer_with(response, bytes(answered.data))

    def _request(self, scope: Scope, body: AsyncIterator[bytes]) -> httpx2.Request:
        headers = [(b"host", self._host), *_end_to_end(scope["headers"])]
        target = self._prefix + raw_target(scope)
        # The target is passed as bytes: a URL object would add escapes.
        extensions = {"timeout": self._timeout, "target": target}
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        content = body if has_body else None
        return httpx2.Request(scope["method"], self._origin, headers=headers, content=content, extensions=extensions)


async def _body(receive: Receive, copy: BodyCopy) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        copy.add(message.get("body", b""))
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _send_failure(failure: Failure, send: Send) -> None:
    text = f"ni-contract proxy: no answer from the provider: {failure.message}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
    status = 502
    if failure.kind == "timeout":
        status = 504
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _end_to_end(headers: Any) -> RawHeaders:
    named: set[bytes] = set()
    for name, value in headers:
        if name.lower() == b"connection":
            named.update(word.strip().lower() for word in value.split(b","))
    dropped = _HOP_BY_HOP | named | {b"host"}
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def _too_large(asked: BodyCopy, answered: BodyCopy) -> Failure | None:
    if asked.fits and answered.fits:
        return None
    most = answered.most if asked.fits else asked.most
    return Failure("too-large", f"a body is larger than {most} bytes")
