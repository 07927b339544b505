"""What a provider driver talks to: something that takes a request and gives an answer or a failure."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from ni_contract.exchange import Answer, Failure, Request

Result = Answer | Failure


class Target(Protocol):
    """A provider. *base_url* ends in /ni/basic; *name* is for reports; *reachable* tells whether curl works."""

    name: str
    base_url: str
    reachable: bool

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for what the provider does."""

    def close(self) -> None:
        """Lets go of connections and threads."""


class Worker:
    """Runs calls on a thread of its own, so that a call that never returns can be left behind."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True, name="ni-contract target").start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def run(self, call: Callable[[], Result], timeout: float) -> Result:
        """The result of *call*, or a Failure when it raises or takes more than *timeout* seconds."""
        done: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._jobs.put(lambda: done.put(_guarded(call)))
        try:
            return done.get(timeout=timeout)
        except queue.Empty:
            return Failure("timeout", f"no answer within {timeout:g} seconds")

    def stop(self) -> None:
        """Ends the thread once it is idle."""
        self._jobs.put(None)


def _guarded(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except ConnectionResetError:
        return Failure("reset", "the connection was reset")
    except Exception as error:  # noqa: BLE001  whatever the provider's code raises is its answer to us
        return Failure("crash", f"the target raised {type(error).__name__}")
