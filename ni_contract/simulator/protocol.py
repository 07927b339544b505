"""uvicorn's HTTP protocol with bounds, without logs, and with a wire for connection faults.

Bounds that uvicorn lacks: length of a URL and a head, duration of an unfinished request, number of connections.
"""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

from httptools import HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from ni_contract.simulator.asgi import WIRE

MAX_URL_BYTES: Final = 16_384
MAX_HEAD_BYTES: Final = 32_768
MAX_REQUEST_SECONDS: Final = 30.0
MAX_CONNECTIONS: Final = 500

# SO_LINGER with no time to linger: closing sends a reset.
_NO_LINGER: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


def ignore(_fault: object) -> None:
    """Does nothing: the default of *on_unread* and *on_tls_fault*."""


class SocketWire:
    """The `Wire` of one connection."""

    __slots__ = ("_protocol", "_transport")

    def __init__(self, transport: asyncio.Transport, protocol: HttpToolsProtocol) -> None:
        self._transport, self._protocol = transport, protocol

    def reset(self) -> None:
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def hang_up(self) -> None:
        self._transport.close()

    def capitalise_head(self) -> None:
        # uvicorn writes all names in small letters, as they are in ASGI.
        self._protocol.cycle.transport = _CapitalHead(self._transport)  # type: ignore[assignment]

    def leave_waiting(self) -> None:
        """Does nothing."""


class _CapitalHead:
    """A transport whose first data are the head of an answer; its header names are written with capitals."""

    __slots__ = ("_is_written", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._is_written = transport, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Writes *data*, the head as from its first line to the empty one."""
        if not self._is_written:
            self._is_written = True
            data = b"\r\n".join(map(_with_capitals, data.split(b"\r\n")))
        self._transport.write(data)


def _with_capitals(line: bytes) -> bytes:
    """The *line* of a head with a capital at the beginning of each word of its name; a status line as it is."""
    name, colon, value = line.partition(b":")
    return name.title() + colon + value if colon else line


class _HeadTooLargeError(Exception):
    """An error of a head that is too large; it stops the parser, and `send_400_response` answers."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection to the simulator. *on_unread* gets data that are no HTTP request, or one too large."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        on_unread: Callable[[bytes], None] = ignore,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._set_parser()
        self._has_upgrade = False
        # Log lines would contain URLs, and URLs contain secrets.
        self.access_log = False
        self.logger = logging.getLogger(__name__)
        self.logger.disabled = True
        self._refused_with = HTTPStatus.BAD_REQUEST
        self._is_refused = False
        self._unfinished = 0
        self._in_head = True
        self._has_begun = False
        self._waiting_since: float | None = self.loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self._extensions: dict[str, object] = {}
        self._on_unread, self._unread = on_unread, b""

    def _set_parser(self) -> None:
        """Sets a new parser. Bytes behind a last request are a fault: its Content-Length is too small."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=False)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Counts the connection and starts its watch."""
        super().connection_made(transport)
        self._extensions = {WIRE: SocketWire(transport, self)}
        self._watch = self.loop.call_later(MAX_REQUEST_SECONDS, self._drop_if_slow)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _drop_if_slow(self) -> None:
        """Drops a slow connection. One timer for each connection, not for each request: it restarts until the end."""
        since, now = self._waiting_since, self.loop.time()
        if since is not None and now - since >= MAX_REQUEST_SECONDS:
            self.transport.abort()
            return
        self._watch = self.loop.call_later(MAX_REQUEST_SECONDS / 4, self._drop_if_slow)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser. It keeps an unfinished header to itself, so the bytes of one are counted here.

        Data that neither begins nor ends a head is all head; otherwise a body or more requests may follow.
        """
        if self._is_refused:
            return
        self._has_begun = False
        # A head may come in pieces, and is handed over whole.
        self._unread = self._unread + data if self._in_head else data
        super().data_received(data)
        if self._has_upgrade:
            self._read_without_upgrade()
        if self._in_head and not self._has_begun:
            self._unfinished += len(data)
        if self._unfinished > MAX_HEAD_BYTES:
            self._refused_with = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.send_400_response("")

    def _read_without_upgrade(self) -> None:
        """Reads the request again without its header Upgrade, behind which the parser expects no body."""
        self._has_upgrade = False
        head, end, rest = self._unread.partition(b"\r\n\r\n")
        kept = (line for line in head.split(b"\r\n") if not line.lower().startswith(b"upgrade:"))
        self._set_parser()
        super().data_received(b"\r\n".join(kept) + end + rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]
        self._unfinished = 0
        self._in_head = True
        self._has_begun = True
        self._waiting_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_headers_complete(self) -> None:
        """Ends the head, or refuses one too large; `data_received` bounds one that does not end, the app the body."""
        self._in_head = False
        if sum(map(len, chain.from_iterable(self.headers))) > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._has_upgrade = any(name == b"upgrade" for name, _ in self.headers) and self.parser.should_upgrade()
        if not self._has_upgrade:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._has_upgrade:
            self._waiting_since = None
            super().on_message_complete()

    def _refuse(self, status: HTTPStatus) -> None:
        self._refused_with = status
        raise _HeadTooLargeError

    def send_400_response(self, msg: str) -> None:
        """Refuses data that is no HTTP, or too large, and ends the connection."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self._on_unread(self._unread)
        status = self._refused_with
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        body = f"{status.phrase}.\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        self._close_after_reading()

    def _close_after_reading(self) -> None:
        """Closes after reading on: a reset, sent if more data arrives, would overtake the answer. The watch ends it."""
        self._waiting_since = self.loop.time()
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
