"""Bodies of requests over a socket: behind a header Upgrade, and with bytes behind them."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from ni_contract.simulator import RunningSimulator

FORM = b"number=447700900000&api_key=n3xm0rocks&api_secret=12ab34cd"


def posted(body: bytes, *lines: str) -> tuple[bytes, list[bytes]]:
    """What the server sends for a POST of *body* with more header *lines*, and what it could not read."""
    unread: list[bytes] = []
    head = (
        "POST /ni/basic/json HTTP/1.1",
        "host: x",
        "content-type: application/x-www-form-urlencoded",
        *lines,
        "",
        "",
    )
    with RunningSimulator(on_unread=unread.append) as running:
        port = urlsplit(running.url).port
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall("\r\n".join(head).encode() + body)
            return b"".join(iter(lambda: connection.recv(65_536), b"")), unread


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.0", "websocket"])
def test_body_behind_upgrade_is_read(protocol: str) -> None:
    """A server that ignores the header reads the body (RFC 9110, 7.8)."""
    answer, unread = posted(FORM, f"content-length: {len(FORM)}", "connection: upgrade, close", f"upgrade: {protocol}")
    assert (b'{"status": 0' in answer, unread) == (True, [])


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_bytes_behind_a_body_are_noted(connection: str) -> None:
    answer, unread = posted(FORM + b"1", f"content-length: {len(FORM)}", f"connection: {connection}")
    assert (answer.startswith(b"HTTP/1.1 400 "), len(unread)) == (True, 1)


def test_line_end_behind_a_body_is_none() -> None:
    """Old programs send one (RFC 9112, 2.2)."""
    answer, unread = posted(FORM + b"\r\n", f"content-length: {len(FORM)}", "connection: close")
    assert (b'{"status": 0' in answer, unread) == (True, [])
