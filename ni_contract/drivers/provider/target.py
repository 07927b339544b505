"""The interface of a provider: takes a request, returns an answer or a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Request


class Target(Protocol):
    """A provider. Below *base_url* lie /json and /xml; *name* is for reports; *reachable*: whether curl works.

    *places* are the base URLs at which the API may lie.
    """

    name: str
    base_url: str
    reachable: bool
    places: tuple[str, ...]

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for a fault of the provider."""

    def close(self) -> None:
        """Closes connections and threads."""


@runtime_checkable
class Concurrent(Protocol):
    """A target that can use several connections at once."""

    def start(self, request: Request, seconds: float) -> Callable[[], Result]:
        """Sends *request*. Returns the function that waits for the answer, until *seconds* after the sending."""
