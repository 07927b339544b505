"""Targets for HTTP: over a socket, or in process through an ASGI or WSGI transport."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx2

from ni_contract.drivers.provider.chunks import in_one_piece, is_chunked, one_by_one, pieces_of
from ni_contract.drivers.provider.connection import HEADERS, Connection, answer_of, stream
from ni_contract.drivers.provider.lifespan import Lifespan
from ni_contract.drivers.provider.target import CLOSED, Reuse, TargetInProcess
from ni_contract.errors import UsageError, option
from ni_contract.exchanges.sending import (
    CUT_OFF,
    MAX_ANSWER_BYTES,
    TOO_LARGE,
    Result,
    TooLargeError,
    failure_kind,
    read_body,
    read_body_async,
    undecodable,
)
from ni_contract.exchanges.values import Answer, Failure, Request

_NO_METHOD: Final = (400, 405, 501)
MAX_AWAITED: Final = 3  # bodies that stopped
_SILENCE_SECONDS: Final = 1.0
MAX_IN_VAIN: Final = 20  # requests that are sent again, and answered alike


class UrlTarget:
    """A provider at a base URL. Redirects are not followed, proxies of the environment not used.

    Servers close connections that were idle or often used: a reused one that breaks is replaced by a new one, once, if
    the target *reconnects*.
    """

    reachable = True
    closed = 0

    def __init__(self, base_url: str, timeout: float, ca_file: str | None = None, reconnects: bool = False) -> None:
        self.name = self.base_url = base_url
        self.places: tuple[str, ...] = (base_url,)
        self._timeout, self._reconnects = timeout, reconnects
        self._trust = _trust(base_url, ca_file)
        self._connections: list[Connection] = []
        self._idle: list[Connection] = []
        self.reuse: dict[str, Reuse] = defaultdict(Reuse)
        self._has_chunks = True
        self._in_vain = self._cut_off = 0

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none, within the timeout."""
        return self.start(request, self._timeout)()

    def start(self, request: Request, seconds: float) -> Callable[[], Result]:
        """Sends *request* over a connection that is idle, or a new one. Returns the function that waits."""
        if not self._idle:
            self._idle.append(Connection(self._timeout, self._trust))
            self._connections += self._idle
        connection = self._idle.pop()
        timeout = min(self._timeout, seconds)
        if not self._has_chunks:
            request = in_one_piece(request)
        connects, before = connection.connects, connection.last
        answer = self._begin(connection, request, timeout)

        def result() -> Result:
            result = answer()
            if self._reconnects and before is not None and connection.connects == connects:
                result = self._of_reused(connection, before, request, result, timeout)
            self._cut_off += failure_kind(result) == CUT_OFF
            self._has_chunks = self._has_chunks and not connection.is_old
            if is_chunked(request):
                # A server that does not know chunks reads what is left of them as the next request.
                self._drop(connection)
            else:
                self._idle.append(connection)
            return result

        return result

    def _begin(self, connection: Connection, request: Request, timeout: float) -> Callable[[], Result]:
        has_patience = self._cut_off < MAX_AWAITED
        return connection.start(request, timeout, timeout if has_patience else min(timeout, _SILENCE_SECONDS))

    def _of_reused(
        self, connection: Connection, before: Request, request: Request, result: Result, timeout: float
    ) -> Result:
        """*result* of *request* after *before* over *connection*, or that over a new one if the first is in doubt."""
        reuse, is_after_other = self.reuse[request.method], before.method != request.method
        reuse.count += 1
        reuse.after_other += is_after_other
        if failure_kind(result) == "reset":
            self.closed += 1
            reuse.unanswered += 1
            reuse.dropped += [request] * is_after_other
            again = self._sent_anew(connection, request, timeout)
            return CLOSED if failure_kind(again) == "refused" else again
        if not self._may_be_spoilt(before, result):
            return result
        again = self._sent_anew(connection, request, timeout)
        if _is_spoilt(again):
            self._in_vain += 1
        else:
            self.reuse[before.method].spilled.append(before)
        return again

    def _sent_anew(self, connection: Connection, request: Request, timeout: float) -> Result:
        connection.reconnect()
        return self._begin(connection, request, timeout)()

    def _may_be_spoilt(self, before: Request, result: Result) -> bool:
        """Whether the rest of the answer to HEAD, or of a body that was not read, may be what *result* is about."""
        return bool(before.method == "HEAD" or before.body) and self._in_vain < MAX_IN_VAIN and _is_spoilt(result)

    def _drop(self, connection: Connection) -> None:
        connection.close()
        self._connections.remove(connection)

    def reconnect(self) -> None:
        """Closes the connections that are idle."""
        for connection in self._idle:
            self._drop(connection)
        self._idle.clear()

    def close(self) -> None:
        """Closes the connections and ends the threads."""
        for connection in self._connections:
            connection.close()


def _is_spoilt(result: Result) -> bool:
    """Whether *result* may be that to a request whose first line has something of another before it."""
    if isinstance(result, Failure):
        return result.kind == "protocol"
    return result.http_status in _NO_METHOD


def _trust(base_url: str, ca_file: str | None) -> ssl.SSLContext:
    if ca_file:
        return trust(ca_file)
    if base_url.startswith("https:"):
        return httpx2.create_ssl_context(trust_env=False)
    # One that trusts nothing, because plain HTTP needs no certificates, and loading them is slow.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def trust(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts the certificates in *ca_file* (PEM). Raises UsageError when there are none."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        name = f"{option('ca-file')} {ca_file}"
        raise UsageError(f"{name}: no certificates in PEM format can be read there: {error}") from None


class WsgiTarget(TargetInProcess):
    """A WSGI application, called in process."""

    def __init__(self, app: Any, name: str, timeout: float) -> None:
        super().__init__(name, timeout)
        transport = httpx2.WSGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx2.Client(transport=transport, headers=HEADERS, trust_env=False)

    def call(self, request: Request) -> Result:
        """The answer of the application."""
        try:
            with stream(self._client, in_one_piece(request), request.body) as response:
                return answer_of(request, response, read_body(response.iter_bytes()))
        except httpx2.DecodingError as error:
            return undecodable(error)


class AsgiTarget(TargetInProcess):
    """An ASGI application, called in process on an event loop of its own, with its lifespan."""

    def __init__(self, app: Any, name: str, timeout: float) -> None:
        super().__init__(name, timeout)
        self._app, self._loop = app, _AppLoop(app)

    def call(self, request: Request) -> Result:
        """The answer of the application."""
        return self._loop.send(request)

    def _left_behind(self) -> Callable[[], object]:
        stuck, self._loop = self._loop, _AppLoop(self._app)
        stuck.cancel()
        return stuck.close

    def close(self) -> None:
        """Shuts the application down and ends the thread."""
        self._worker.run(self._loop.close, self._timeout)
        super().close()


class _AppLoop:
    """An event loop with an ASGI application that was started on it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._runner = asyncio.Runner()
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._lifespan: Lifespan | None = None
        self._client: httpx2.AsyncClient | None = None

    def send(self, request: Request) -> Result:
        return self._runner.run(self._call(request))

    async def _call(self, request: Request) -> Result:
        task = asyncio.current_task()
        self._running = (asyncio.get_running_loop(), task) if task else None
        try:
            client = self._client or await self._start()
            pieces = pieces_of(request)
            content = pieces if isinstance(pieces, bytes) else one_by_one(pieces)
            async with stream(client, request, content) as response:
                return answer_of(request, response, await read_body_async(response.aiter_bytes()))
        except httpx2.DecodingError as error:
            return undecodable(error)
        except TooLargeError:
            return TOO_LARGE
        except (SystemExit, KeyboardInterrupt) as error:  # would stop the loop
            return Failure("crash", f"the target raised {type(error).__name__}")

    async def _start(self) -> httpx2.AsyncClient:
        self._lifespan = Lifespan(self._app)
        await self._lifespan.start()
        transport = httpx2.ASGITransport(app=_bounded(self._app), raise_app_exceptions=False)
        self._client = httpx2.AsyncClient(transport=transport, headers=HEADERS, trust_env=False)
        return self._client

    def cancel(self) -> None:
        """Cancels the request that is being answered, from another thread."""
        if self._running is not None:
            loop, task = self._running
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(task.cancel)

    def close(self) -> Result:
        if self._lifespan is not None:
            self._runner.run(self._lifespan.stop())
        self._runner.close()
        return Answer(200)


def _bounded(app: Any) -> Any:
    """*app*, stopped when its answer is too large: the transport would keep all of it in memory."""

    async def bounded(scope: Any, receive: Any, send: Any) -> None:
        size = 0

        async def counted(message: Any) -> None:
            nonlocal size
            size += len(message.get("body", b""))
            if size > MAX_ANSWER_BYTES:
                raise TooLargeError
            await send(message)

        await app(scope, receive, counted)

    return bounded
