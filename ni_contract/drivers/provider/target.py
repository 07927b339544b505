"""The interface of a provider: takes a request, returns an answer or a failure."""

from __future__ import annotations

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
        """The answer to *request*, or why there is none. Never raises for a fault of the provider."""

    def close(self) -> None:
        """Closes connections and threads."""


@runtime_checkable
class Timed(Protocol):
    """A target with a time limit for its next answer."""

    timeout_left: float


@runtime_checkable
class Repeatable(Protocol):
    """A target that can use several connections at once."""

    def another(self) -> Target:
        """The same provider over a new connection."""
