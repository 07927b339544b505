"""Targets spoken to with HTTP: over a socket, or in process through an ASGI or WSGI transport."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2

from ni_contract.drivers.target import Result, Worker
from ni_contract.errors import UsageError
from ni_contract.exchange import Answer, Failure, Request

LARGEST_ANSWER = 2_000_000
IN_PROCESS_URL = "http://in-process.invalid/ni/basic"
_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "ni-contract"}


class UrlTarget:
    """A provider at a base URL. Redirects are not followed, proxies of the environment not used."""

    reachable = True

    def __init__(self, base_url: str, timeout: float, ca_file: str | None = None) -> None:
        self.name = self.base_url = base_url
        self._timeout = timeout
        verify = trust(ca_file) if ca_file else True
        self._client = httpx2.Client(timeout=timeout, verify=verify, trust_env=False, headers=_HEADERS)

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none."""
        deadline = time.monotonic() + self._timeout
        try:
            with self._client.stream(
                request.method, request.url, headers=list(request.headers), content=request.body or None
            ) as response:
                return _answer(response, _read(response.iter_raw(), deadline, self._timeout))
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, _TooSlowError) as error:
            return failure_of(error, self._timeout)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def trust(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts the certificates in *ca_file* (PEM). Raises UsageError when there are none."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UsageError(f"--ca-file {ca_file}: no certificates in PEM format can be read there: {error}") from None


class _TooSlowError(Exception):
    pass


def _read(chunks: Iterator[bytes], deadline: float, timeout: float) -> bytes | Failure:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_ANSWER:
            return Failure("too-large", f"the answer is larger than {LARGEST_ANSWER} bytes")
        if time.monotonic() > deadline:
            raise _TooSlowError
    return body


def _answer(response: httpx2.Response, body: bytes | Failure) -> Result:
    if isinstance(body, Failure):
        return body
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Answer(response.status_code, headers, body)


def failure_of(error: Exception, timeout: float) -> Failure:
    """What *error* means for the user, without the URL that the library may have put into its text."""
    if isinstance(error, httpx2.TimeoutException | _TooSlowError):
        return Failure("timeout", f"no complete answer within {timeout:g} seconds")
    if isinstance(error, httpx2.ConnectError):
        return _connect_failure(error)
    if isinstance(error, httpx2.RemoteProtocolError):
        return Failure("protocol", f"what came back is not HTTP, or was cut off: {error}")
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return Failure("protocol", "the URL cannot be used")
    return Failure("reset", "the connection was closed without an answer")


def _connect_failure(error: Exception) -> Failure:
    reasons = [error.__cause__, error.__context__]
    causes = " ".join(str(cause) for cause in (error, *reasons) if cause)
    if "ssl" in causes.lower() or "certificate" in causes.lower():
        return Failure("tls", f"the TLS handshake failed: {error}")
    if any(word in causes for word in ("Name or service", "nodename", "getaddrinfo", "resolution")):
        return Failure("name", "the host's name cannot be resolved")
    if "refused" in causes.lower() or "attempts failed" in causes:
        return Failure("refused", "nothing listens there: the connection was refused")
    return Failure("reset", f"no connection: {error}")


class WsgiTarget:
    """A WSGI application, called in process."""

    reachable = False

    def __init__(self, app: Any, name: str, timeout: float) -> None:
        self.name, self.base_url, self._timeout = name, IN_PROCESS_URL, timeout
        self._client = httpx2.Client(
            transport=httpx2.WSGITransport(app=app, raise_app_exceptions=False), headers=_HEADERS, trust_env=False
        )
        self._worker = Worker()

    def send(self, request: Request) -> Result:
        """The answer of the application."""
        return self._worker.run(lambda: self._call(request), self._timeout)

    def _call(self, request: Request) -> Result:
        response = self._client.request(
            request.method, request.url, headers=list(request.headers), content=request.body or None
        )
        return _answer(response, response.content)

    def close(self) -> None:
        """Ends the thread."""
        self._worker.stop()


class AsgiTarget:
    """An ASGI application, called in process on an event loop of its own, with its lifespan."""

    reachable = False

    def __init__(self, app: Any, name: str, timeout: float) -> None:
        self.name, self.base_url, self._timeout = name, IN_PROCESS_URL, timeout
        self._app, self._worker = app, Worker()
        self._runner = asyncio.Runner()
        self._lifespan: Lifespan | None = None
        self._client: httpx2.AsyncClient | None = None

    def send(self, request: Request) -> Result:
        """The answer of the application."""
        return self._worker.run(lambda: self._runner.run(self._call(request)), self._timeout)

    async def _call(self, request: Request) -> Result:
        if self._client is None:
            self._lifespan = Lifespan(self._app)
            await self._lifespan.start()
            transport = httpx2.ASGITransport(app=self._app, raise_app_exceptions=False)
            self._client = httpx2.AsyncClient(transport=transport, headers=_HEADERS, trust_env=False)
        response = await self._client.request(
            request.method, request.url, headers=list(request.headers), content=request.body or None
        )
        return _answer(response, response.content)

    def close(self) -> None:
        """Shuts the application down and ends the thread."""
        self._worker.run(self._shut_down, self._timeout)
        self._worker.stop()

    def _shut_down(self) -> Result:
        if self._lifespan is not None:
            self._runner.run(self._lifespan.stop())
        self._runner.close()
        return Answer(200)


class Lifespan:
    """The ASGI lifespan of an application; one that does not know the protocol is left alone."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Sends startup and waits for its end."""
        self._task = asyncio.ensure_future(self._run())
        await self._events.put({"type": "lifespan.startup"})
        await self._replies.get()

    async def stop(self) -> None:
        """Sends shutdown and waits for its end."""
        if self._task is not None and not self._task.done():
            await self._events.put({"type": "lifespan.shutdown"})
            await self._replies.get()
            self._task.cancel()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        # An application without lifespan raises, as the protocol allows.
        with suppress(Exception):
            await self._app(scope, self._events.get, self._replies.put)
        await self._replies.put({"type": "lifespan.ended"})
