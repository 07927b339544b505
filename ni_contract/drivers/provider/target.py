"""What a provider driver talks to: something that takes a request and gives an answer or a failure."""

from __future__ import annotations

from typing import Protocol

from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Request


class Target(Protocol):
    """A provider. *base_url* ends in /ni/basic; *name* is for reports; *reachable* tells whether curl works."""

    name: str
    base_url: str
    reachable: bool

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for what the provider does."""

    def close(self) -> None:
        """Lets go of connections and threads."""
