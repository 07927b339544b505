"""Commands that serve until a signal ends them, in a thread of this process, so that none has to be started."""

from __future__ import annotations

import io
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from ni_contract.cli import main
from ni_contract.simulator.server import SimulatorServer

_SECONDS = 120


class ServedCommand:
    """A context manager: `ni-contract` with *arguments*, which has printed its first screen when it is entered.

    `host` is its address; `out` and `err` are what it has printed so far; `end` sets `code`, its exit code.
    """

    code = -1

    def __init__(self, *arguments: str) -> None:
        self._out, self._err = io.StringIO(), io.StringIO()
        self._servers: list[SimulatorServer] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(arguments,), daemon=True)

    def __enter__(self) -> ServedCommand:
        self._thread.start()
        assert self._ready.wait(_SECONDS)
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    @property
    def out(self) -> str:
        return self._out.getvalue()

    @property
    def err(self) -> str:
        return self._err.getvalue()

    @property
    def url(self) -> str:
        return self.out.splitlines()[0].removeprefix("serving ")

    @property
    def host(self) -> str:
        return self.url.split("/")[2]

    def end(self) -> ServedCommand:
        """Ends the server as SIGINT would."""
        for server in self._servers:
            server.should_exit = True
        self._thread.join(_SECONDS)
        assert not self._thread.is_alive()
        return self

    def _run(self, arguments: tuple[str, ...]) -> None:
        started = self._servers.append
        ready = self._ready

        class Noted(SimulatorServer):
            async def startup(self, sockets: Any = None) -> None:
                started(self)
                await super().startup(sockets)
                ready.set()

            async def shutdown(self, sockets: Any = None) -> None:
                await super().shutdown(sockets)
                # The proxy's connections, which the end of a process closes.
                if transport := getattr(self.config.app, "_transport", None):
                    await transport.aclose()

        try:
            with pytest.MonkeyPatch.context() as patch, redirect_stdout(self._out), redirect_stderr(self._err):
                patch.setattr("ni_contract.simulator.server.SimulatorServer", Noted)
                self.code = main(list(arguments))
        finally:
            ready.set()
