"""A client as a Python callable, sync or async, called in a thread so that a hanging call can be abandoned."""

from __future__ import annotations

import asyncio
import inspect
import queue
from collections.abc import Callable
from typing import Any

from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.server import Server
from ni_contract.drivers.outcome_reading import outcome_of
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome
from ni_contract.exchanges.sending import start_thread

Told = Outcome | MissingOutcome


class CallableClient:
    """Asks *lookup*, a callable from (server, number[, country]); *outcome* converts its result or exception.

    Without *outcome*, a mapping or an object with the documented names is read, and an exception is a failure.
    """

    def __init__(
        self, lookup: Callable[..., Any], server: Server, outcome: Callable[[Any], Outcome] | None = None
    ) -> None:
        self._lookup, self._server, self._read = lookup, server, outcome or outcome_of
        self.takes_country = takes_country(lookup)
        self._worker: _Worker | None = None

    def ask(self, lookup: Lookup, patience: Patience) -> Told:
        """The outcome of *lookup*; *patience* bounds the wait."""
        worker = self._worker = self._worker or _Worker()
        answer = worker.submit(lambda: self._call(lookup))
        told = _get(answer, patience)
        if told is None:
            worker.stop()
            self._worker = None
            hint = f"is the time-out of {lookup.timeout:g} s passed on to the client?"
            return MissingOutcome("late", f"{patience.words()}; {hint}")
        kind, value = told
        if kind == "raised" and not isinstance(value, Exception):
            return MissingOutcome("crash", f"the client raised {type(value).__name__}, which ends a program")
        return self._outcome(value)

    def close(self) -> None:
        """Ends the thread, if no lookup hangs in it."""
        if self._worker is not None:
            self._worker.stop()

    def _call(self, lookup: Lookup) -> Any:
        if lookup.country is None:
            return self._lookup(self._server, lookup.number)
        if self.takes_country == "by name":
            return self._lookup(self._server, lookup.number, country=lookup.country)
        return self._lookup(self._server, lookup.number, lookup.country)

    def _outcome(self, value: Any) -> Told:
        try:
            told = self._read(value)
        except Exception as error:  # noqa: BLE001  it is the user's function
            return MissingOutcome("unreadable", f"ni_outcome raised {type(error).__name__}: {error}")
        if isinstance(told, Outcome | MissingOutcome):
            return told
        return MissingOutcome("unreadable", f"ni_outcome returned a {type(told).__name__}, not an Outcome")


def _get(answer: queue.SimpleQueue[tuple[str, Any]], patience: Patience) -> tuple[str, Any] | None:
    while True:
        try:
            return answer.get(timeout=patience.until_next_look())
        except queue.Empty:
            if patience.left() <= 0:
                return None


def takes_country(lookup: Callable[..., Any]) -> str:
    """The way to pass *lookup* a country: "by name", "by place", or "" where it takes none."""
    try:
        parameters = inspect.signature(lookup).parameters.values()
    except (TypeError, ValueError):
        return "by place"
    if any(p.name == "country" or p.kind is p.VAR_KEYWORD for p in parameters):
        return "by name"
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(places) > 2 or any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return "by place"
    return ""


class _Worker:
    """A thread with an event loop, for all lookups until one hangs."""

    def __init__(self) -> None:
        self._jobs, self._loop = start_thread("ni_client"), asyncio.Runner()

    def submit(self, call: Callable[[], Any]) -> queue.SimpleQueue[tuple[str, Any]]:
        """Starts *call*; its result or exception comes through the queue."""
        answer: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._jobs.put(lambda: answer.put(self._ending(call)))
        return answer

    def _ending(self, call: Callable[[], Any]) -> tuple[str, Any]:
        try:
            value = call()
            if inspect.isawaitable(value):
                value = self._loop.run(_awaited(value))
        except BaseException as error:  # noqa: BLE001  whatever a client raises is reported
            return "raised", error
        return "returned", value

    def stop(self) -> None:
        """Lets the thread end as soon as no lookup hangs in it."""
        self._jobs.put(self._loop.close)
        self._jobs.put(None)


async def _awaited(value: Any) -> Any:
    return await value
