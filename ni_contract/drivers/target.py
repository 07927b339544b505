"""What a provider driver talks to: something that takes a request and gives an answer or a failure."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from ni_contract.exchange import Answer, Failure, Request

Result = Answer | Failure
T = TypeVar("T")


class Target(Protocol):
    """A provider. *base_url* ends in /ni/basic; *name* is for reports; *reachable* tells whether curl works."""

    name: str
    base_url: str
    reachable: bool

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for what the provider does."""

    def close(self) -> None:
        """Lets go of connections and threads."""


_Jobs = queue.SimpleQueue[Callable[[], object] | None]


class Worker:
    """Runs calls on a thread of its own, so that a call that never returns can be left behind.

    The next call gets a fresh thread; *left_behind* is called first, to replace what the stuck call holds. What it
    returns is run by the stuck thread, should that ever be free again.
    """

    def __init__(self, left_behind: Callable[[], Callable[[], object] | None] = lambda: None) -> None:
        self._left_behind = left_behind
        self._jobs = _started()

    def run(self, call: Callable[[], Result], timeout: float) -> Result:
        """The result of *call*, or a Failure when it raises or takes more than *timeout* seconds."""
        done: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._jobs.put(lambda: done.put(_guarded(call)))
        try:
            return done.get(timeout=timeout)
        except queue.Empty:
            self._leave()
            return Failure("timeout", f"no complete answer within {timeout:g} seconds")

    def _leave(self) -> None:
        stuck, self._jobs = self._jobs, _started()
        if (last := self._left_behind()) is not None:
            stuck.put(lambda: _guarded(last))
        stuck.put(None)

    def stop(self) -> None:
        """Ends the thread once it is idle."""
        self._jobs.put(None)


def _started() -> _Jobs:
    jobs: _Jobs = queue.SimpleQueue()
    threading.Thread(target=_work, args=(jobs,), daemon=True, name="ni-contract target").start()
    return jobs


def _work(jobs: _Jobs) -> None:
    while (job := jobs.get()) is not None:
        job()


def _guarded(call: Callable[[], T]) -> T | Failure:
    try:
        return call()
    except ConnectionResetError:
        return Failure("reset", "the connection was reset")
    # Whatever the provider's code raises is its answer to us, SystemExit too; a real Ctrl-C is the main thread's.
    except BaseException as error:  # noqa: BLE001
        return Failure("crash", f"the target raised {type(error).__name__}")
