"""The ASGI types of the simulator, its replies, and the interface to a server that can break connections."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

# Our own server puts a `Wire` under this name into `scope["extensions"]`; other servers do not.
WIRE = "ni_contract.wire"
_TEXT_HEADERS = ((b"content-type", b"text/plain; charset=utf-8"),)


class Wire(Protocol):
    """The connection of a request, for faults below HTTP."""

    def reset(self) -> None:
        """Ends the connection by a TCP reset: data not yet sent is lost."""

    def hang_up(self) -> None:
        """Closes the connection normally, after the data already sent."""

    def capitalise_head(self) -> None:
        """Has the names of the next answer's headers written with capitals, as `Content-Type`."""

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


class Reply(NamedTuple):
    """HTTP status, headers without Content-Length (it follows from the body), body."""

    http_status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class HttpError(Exception):
    """A refusal of a request that is not of this API: *http_status* is 4xx, the message a sentence without secrets."""

    def __init__(self, http_status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.http_status = http_status
        self.headers = headers

    def reply(self) -> Reply:
        return Reply(self.http_status, _TEXT_HEADERS + self.headers, f"{self}\n".encode())


class HungUp(Exception):
    """The client closed its connection before its request was complete: an answer is impossible."""
