"""uvicorn for sockets that are already bound, plain and TLS at once, in one process or several; ends quickly."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from ni_contract.clock import on_real_time
from ni_contract.contract.vocabulary import API_HOST, API_PATH
from ni_contract.errors import HarnessError
from ni_contract.exchanges.client_lookup import PLAIN_HTTP
from ni_contract.files import reason_of, temporary_folder
from ni_contract.interruption import signals_taken_by
from ni_contract.simulator.asgi import Receive, Scope, Send
from ni_contract.simulator.protocol import BoundedProtocol, ignore
from ni_contract.simulator.service import create_app
from ni_contract.simulator.settings import Settings

AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
# The names of the throw-away certificate. The last one is the vendor's: tests of clients with a fixed URL redirect it.
NAMES: Final = ("127.0.0.1", "::1", "localhost", API_HOST)
_GRACE_SECONDS: Final = 0.2
_END_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.02
_KEEP_ALIVE_SECONDS: Final = 30
_BACKLOG: Final = 2048
MAX_WORKERS: Final = 64
_START_SECONDS: Final = 60


@dataclass(frozen=True)
class Listener:
    """A bound socket and the TLS spoken on it, if any."""

    socket: socket.socket
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        host, port = self.socket.getsockname()[:2]
        if ":" in host:
            host = f"[{host}]"
        return f"{'https' if self.tls else 'http'}://{host}:{port}{API_PATH}"


@dataclass(frozen=True)
class Serving:
    """The addresses of a server: base URL, and the CA to trust when it is HTTPS."""

    url: str
    ca_file: Path | None


def serve_app(
    app: AsgiApp, host: str, port: int, tls: bool, on_ready: Callable[[Serving], None], **values: Any
) -> int | None:
    """Serves an ASGI app without a lifespan until a signal ends it, and returns the signal's number.

    *port* 0 is a free one; *values* are further fields of `uvicorn.Config`. Raises HarnessError if it cannot be bound.
    """
    with ExitStack() as stack:
        context, ca_file = stack.enter_context(throw_away_tls(host)) if tls else (None, None)
        listener = Listener(stack.enter_context(bind(host, port)), context)
        ready = Serving(listener.url, ca_file)
        server = SimulatorServer(app, [listener], lambda: on_ready(ready), **values)
        server.run()
    return server.ended_by


@contextmanager
def throw_away_tls(
    host: str, known: Sequence[str] = NAMES, on_tls_fault: Callable[[str], None] = ignore
) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A server's TLS context for *known* names and *host*, and its CA's certificate: a PEM file, deleted at the end.

    *on_tls_fault* gets OpenSSL's reason for a connection without TLS, such as `PLAIN_HTTP`, or ended by an alert.
    """
    import trustme

    names = {host} - {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _noticing(on_tls_fault)
    authority.issue_cert(*dict.fromkeys((*known, *names))).configure_cert(context)
    with temporary_folder() as folder:
        ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        yield context, ca_file


def _noticing(on_tls_fault: Callable[[str], None]) -> type[ssl.SSLObject]:
    class Noticing(ssl.SSLObject):
        """The TLS of one connection. A client that refuses the certificate says so after the server's handshake."""

        def do_handshake(self) -> None:
            with _faults_reported(on_tls_fault):
                super().do_handshake()

        def read(self, *sizes: Any) -> Any:
            with _faults_reported(on_tls_fault):
                return super().read(*sizes)

    return Noticing


@contextmanager
def _faults_reported(on_tls_fault: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        if error.reason == PLAIN_HTTP or "ALERT" in (error.reason or ""):
            on_tls_fault(error.reason)
        raise


def bind(host: str, port: int) -> socket.socket:
    """A bound socket. Raises HarnessError with one sentence if *host* and *port* cannot be bound."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With a protocol number, asyncio disables Nagle's algorithm on accepted sockets.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError, OverflowError) as error:
        raise HarnessError(f"cannot listen on {host}: {reason_of(error).lower()}") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, OverflowError) as error:
        bound.close()
        raise HarnessError(f"cannot listen on {host} port {port}: {reason_of(error).lower()}; try --port 0") from None
    return bound


class SimulatorServer(uvicorn.Server):
    """Serves one app on all *listeners*; calls *on_ready* when they accept. `should_exit = True` ends it.

    *on_unread* gets data that came instead of an HTTP request.
    """

    def __init__(
        self,
        app: AsgiApp,
        listeners: Sequence[Listener],
        on_ready: Callable[[], None],
        on_unread: Callable[[bytes], None] = ignore,
        **values: Any,
    ) -> None:
        super().__init__(server_config(app, **values))
        self._listeners = listeners
        self._on_ready, self._on_unread = on_ready, on_unread
        self.ended_by: int | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until `should_exit`, on an event loop whose timers no test can freeze."""
        with asyncio.Runner(loop_factory=on_real_time(self.config.get_loop_factory())) as runner:
            runner.run(self.serve(sockets=sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts all listeners, because uvicorn itself has one TLS setting for all of them."""
        await super().startup(sockets=[])
        for listener in self._listeners:
            self.servers.append(await self._listen(listener))
        self._on_ready()

    async def _listen(self, listener: Listener) -> asyncio.Server:
        state = (self.config, self.server_state, self.lifespan.state)
        connection = partial(BoundedProtocol, *state, on_unread=self._on_unread)
        loop = asyncio.get_running_loop()
        return await loop.create_server(connection, sock=listener.socket, ssl=listener.tls, backlog=_BACKLOG)

    async def main_loop(self) -> None:
        """Runs until `should_exit`, which uvicorn itself looks at ten times a second."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            await asyncio.sleep(_LOOK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends within a second: connections that still wait then, such as for a scripted delay, are closed.

        uvicorn's own waits a tenth of a second or more, also where there is nothing to wait for.
        """
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._hang_up)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                while self.server_state.connections or self.server_state.tasks:
                    await asyncio.sleep(_LOOK_SECONDS)
                await asyncio.gather(*(server.wait_closed() for server in self.servers))

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends the server at SIGINT, SIGTERM and SIGHUP. uvicorn would raise them again; here that end is normal."""
        with signals_taken_by(self._end):
            yield

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ended_by = number
        self.handle_exit(number, frame)


class _Supervisor(Multiprocess):
    """Starts the workers and calls *on_ready* once all of them serve."""

    on_ready: Callable[[], None]
    ended_by: int | None = None

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_START_SECONDS, self.should_exit) for process in self.processes):
            self.on_ready()
        elif not self.signal_queue:
            self.terminate_all()
            raise HarnessError(f"not all of the {self.processes_num} workers started within {_START_SECONDS} seconds")

    def handle_term(self) -> None:
        """Ends, and stores the signal."""
        self.ended_by = self.ended_by or signal.SIGTERM
        super().handle_term()

    def handle_hup(self) -> None:
        """Ends: uvicorn would restart all workers."""
        self.ended_by = signal.SIGHUP
        self.handle_term()


def serve_with_workers(
    settings: Settings, host: str, port: int, workers: int, on_ready: Callable[[Serving], None]
) -> int | None:
    """Serves a simulator from *workers* processes until a signal ends it; returns the signal, None for SIGINT.

    *settings* are those of each worker: each would have its own script, rate, quota or replay.
    """
    config = server_config(partial(create_app, settings), factory=True, workers=workers)
    with closing(bind(host, port)) as bound:
        supervisor = _Supervisor(config, [bound])
        supervisor.on_ready = lambda: on_ready(Serving(Listener(bound).url, None))
        supervisor.run()
        return supervisor.ended_by


def server_config(app: Callable[..., Any], **values: Any) -> uvicorn.Config:
    """The configuration of a server of *app*; *values* are further fields of `uvicorn.Config`."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
        **values,
    )
