"""The simulator in several processes on one socket, by uvicorn's supervisor."""

import signal
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Final

from uvicorn.supervisors.multiprocess import Multiprocess

from ni_contract.errors import HarnessError
from ni_contract.simulator.server import Listener, Serving, bind, server_config
from ni_contract.simulator.service import create_app
from ni_contract.simulator.settings import Settings

MAX_WORKERS: Final = 64
_START_SECONDS: Final = 60


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
