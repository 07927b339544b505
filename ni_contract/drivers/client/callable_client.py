"""A client as a Python callable, sync or async, called in a thread so that a hanging call can be abandoned."""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import wait
from functools import cached_property
from typing import Any

from ni_contract.drivers.client.patience import Patience
from ni_contract.drivers.client.server import Server
from ni_contract.drivers.outcome_reading import outcome_of
from ni_contract.drivers.provider.target import awaited
from ni_contract.exchanges.client_lookup import Lookup, MissingOutcome, Outcome
from ni_contract.exchanges.sending import Worker

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
        self._loop = asyncio.Runner()

    @cached_property
    def _worker(self) -> Worker:
        return Worker(self._leave_loop)

    def _leave_loop(self) -> Callable[[], None]:
        stuck, self._loop = self._loop, asyncio.Runner()
        return stuck.close

    def ask(self, lookup: Lookup, patience: Patience) -> Told:
        """The outcome of *lookup*; *patience* bounds the wait."""
        loop = self._loop
        answer = self._worker.submit(lambda: self._call(lookup, loop))
        while not wait([answer], patience.until_next_look()).done:
            if patience.left() <= 0:
                self._worker.leave()
                hint = f"is the time-out of {lookup.timeout:g} s passed on to the client?"
                return MissingOutcome("late", f"{patience.words()}; {hint}")
        error = answer.exception()
        if error is None:
            return self._outcome(answer.result())
        if isinstance(error, Exception):
            return self._outcome(error)
        return MissingOutcome("crash", f"the client raised {type(error).__name__}, which ends a program")

    def close(self) -> None:
        """Ends the thread, if no lookup hangs in it."""
        self._worker.submit(self._loop.close)
        self._worker.stop()

    def _call(self, lookup: Lookup, loop: asyncio.Runner) -> Any:
        given = [self._server, lookup.number]
        named = {}
        if lookup.country is not None and self.takes_country == "by name":
            named["country"] = lookup.country
        elif lookup.country is not None:
            given.append(lookup.country)
        value = self._lookup(*given, **named)
        if inspect.isawaitable(value):
            return loop.run(awaited(value))
        return value

    def _outcome(self, value: Any) -> Told:
        try:
            told = self._read(value)
        except Exception as error:  # noqa: BLE001  it is the user's function
            return MissingOutcome("unreadable", f"ni_outcome raised {type(error).__name__}: {error}")
        if isinstance(told, Outcome | MissingOutcome):
            return told
        return MissingOutcome("unreadable", f"ni_outcome returned a {type(told).__name__}, not an Outcome")


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
