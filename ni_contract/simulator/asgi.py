"""The ASGI types of the simulator, and the interface to a server that can break connections."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

# Our own server puts a `Wire` under this name into `scope["extensions"]`; other servers do not.
WIRE = "ni_contract.wire"


class Wire(Protocol):
    """The connection of a request, for faults below HTTP."""

    def reset(self) -> None:
        """Ends the connection by a TCP reset: data not yet sent is lost."""

    def hang_up(self) -> None:
        """Closes the connection normally, after the data already sent."""

    def leave_waiting(self) -> None:
        """Called when the client gets no complete answer and the connection stays open."""


def wire_of(scope: Scope) -> Wire | None:
    """The wire in *scope*, or None where the server has none."""
    wire: Wire | None = (scope.get("extensions") or {}).get(WIRE)
    return wire


def raw_header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header called *name* (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None
