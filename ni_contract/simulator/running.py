"""A simulator that runs in a thread for the duration of a test."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.simulator.protocol import ignore
from ni_contract.simulator.script import Script
from ni_contract.simulator.server import NAMES, Listener, SimulatorServer, bind, throw_away_tls
from ni_contract.simulator.service import Simulator
from ni_contract.simulator.settings import Settings

MAX_KEPT: Final = 10_000
_HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 30


class RunningSimulator:
    """A context manager: a simulator on 127.0.0.1 and a free port, over HTTPS as well with *tls*.

    *other_host*: its certificate is for that name instead. *on_tls_fault* is that of `throw_away_tls`; *on_unread* gets
    data that came instead of an HTTP request. *closed*: its ports refuse every connection. Raises HarnessError if it
    does not start. It keeps the latest `MAX_KEPT` exchanges.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        tls: bool = False,
        other_host: str = "",
        on_tls_fault: Callable[[str], None] = ignore,
        on_unread: Callable[[bytes], None] = ignore,
        closed: bool = False,
    ) -> None:
        given = settings or Settings()
        self._also_to = given.record
        self._received: deque[Exchange] = deque(maxlen=MAX_KEPT)
        self._simulator = Simulator(replace(given, record=self._record))
        self._tls, self._is_closed = tls, closed
        self._certified = (other_host, ()) if other_host else (_HOST, NAMES)
        self._on_tls_fault, self._on_unread = on_tls_fault, on_unread
        self._stack = ExitStack()
        self._ca_file: Path | None = None
        self._listeners: list[Listener] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._tls:
                host, known = self._certified
                certificate = throw_away_tls(host, known, self._on_tls_fault)
                context, self._ca_file = stack.enter_context(certificate)
                self._listeners = [Listener(stack.enter_context(bind(_HOST, 0)), context)]
            self._listeners.insert(0, Listener(stack.enter_context(bind(_HOST, 0))))
            if not self._is_closed:
                self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The base URL, such as `http://127.0.0.1:41235/ni/basic`."""
        return self._listeners[0].url

    @property
    def https_url(self) -> str:
        """The base URL over HTTPS. Raises HarnessError unless started with *tls*."""
        if len(self._listeners) < 2:
            raise HarnessError("this simulator speaks no HTTPS: start it with tls=True")
        return self._listeners[1].url

    @property
    def ca_file(self) -> Path | None:
        """The certificate (PEM) of the CA to trust, None without *tls*."""
        return self._ca_file

    @property
    def credentials(self) -> Credentials:
        """The account of the simulator."""
        return self._simulator.settings.credentials

    @property
    def simulator(self) -> Simulator:
        """The app that is served."""
        return self._simulator

    @property
    def script(self) -> Script:
        """The answers to the next requests, instead of their normal ones."""
        return self._simulator.script

    @property
    def received(self) -> tuple[Exchange, ...]:
        """The requests to the API so far, with their answers, oldest first."""
        return tuple(self._received)

    def _record(self, exchange: Exchange) -> None:
        self._received.append(exchange)
        if self._also_to is not None:
            self._also_to(exchange)

    def _start(self, stack: ExitStack) -> None:
        ready = threading.Event()
        server = SimulatorServer(self._simulator, self._listeners, ready.set, self._on_unread)
        thread = threading.Thread(target=server.run, name="ni-contract simulator", daemon=True)
        thread.start()
        stack.callback(_stop, server, thread)
        if not ready.wait(_START_SECONDS):
            raise HarnessError("the simulator did not start")


def _stop(server: SimulatorServer, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(_STOP_SECONDS)
