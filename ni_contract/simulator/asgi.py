"""The few ASGI types the simulator needs, and the seam to a server that can break connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

# Under this name our own server puts a `Wire` into `scope["extensions"]`; other servers have no such thing.
WIRE = "ni_contract.wire"


class Wire(Protocol):
    """The connection under a request, for the faults that HTTP has no words for."""

    def reset(self) -> None:
        """Ends the connection by a TCP reset: what was not sent yet is lost."""

    def hang_up(self) -> None:
        """Ends the connection in order, after what was sent."""

    def leave_waiting(self) -> None:
        """Is told that the client gets no whole answer, and that the connection stays open."""


def wire_of(scope: Scope) -> Wire | None:
    """The wire under *scope*, or None where the server does not hand it out."""
    wire: Wire | None = (scope.get("extensions") or {}).get(WIRE)
    return wire


def raw_header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header called *name* (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None
