"""What a provider driver talks to: something that takes a request and gives an answer or a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Request


class Target(Protocol):
    """A provider. Below *base_url* lie /json and /xml; *name* is for reports; *reachable* tells whether curl works.

    *places* are the base URLs at which the API may lie.
    """

    name: str
    base_url: str
    reachable: bool
    places: tuple[str, ...]

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for what the provider does."""

    def close(self) -> None:
        """Lets go of connections and threads."""


@runtime_checkable
class Concurrent(Protocol):
    """A target that can be asked over several connections at once."""

    def start(self, request: Request, seconds: float) -> Callable[[], Result]:
        """Sends *request*. Returns the function that waits for the answer, until *seconds* after the sending."""
