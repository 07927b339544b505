"""A target that is a plain function, sync or async, from Request to Answer."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from ni_contract.drivers.provider.http_target import IN_PROCESS_URL
from ni_contract.exchanges.sending import Result, Worker
from ni_contract.exchanges.values import Answer, Failure, Request


class CallableTarget:
    """Calls *function* with each request; anything but an Answer or a Failure counts as a crash."""

    reachable = False

    def __init__(self, function: Callable[[Request], Any], name: str, timeout: float) -> None:
        self.name, self.base_url, self._timeout = name, IN_PROCESS_URL, timeout
        self.places: tuple[str, ...] = (IN_PROCESS_URL,)
        self._function, self._worker = function, Worker()

    def send(self, request: Request) -> Result:
        """The return value of the function."""
        return self._worker.run(lambda: self._call(request), self._timeout)

    def _call(self, request: Request) -> Result:
        value = self._function(request)
        if inspect.isawaitable(value):
            value = asyncio.run(_awaited(value))
        if isinstance(value, Answer | Failure):
            return value
        return Failure("crash", f"the target returned a {type(value).__name__}, not an Answer")

    def close(self) -> None:
        """Ends the thread."""
        self._worker.stop()


async def _awaited(value: Any) -> Any:
    return await value
