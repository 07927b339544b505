"""Providers for tests: small servers on 127.0.0.1 with faults below HTTP, and targets without a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Answer, Request


class FunctionTarget:
    """A target made of a function, called directly."""

    name, base_url, reachable = "function", "http://in-process.invalid/ni/basic", False
    places: tuple[str, ...] = (base_url,)

    def __init__(self, function: Callable[[Request], Result]) -> None:
        self.send = function

    def close(self) -> None:
        """Does nothing."""


@contextmanager
def raw_server(answer: bytes | None) -> Iterator[str]:
    """The URL of a server that reads a request and sends *answer*; with None it keeps the connection silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    kept: list[socket.socket] = []

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            # The client may have left.
            with suppress(OSError):
                connection.recv(65536)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        end(listener)
        for connection in kept:
            end(connection)


def end(waited_for: socket.socket) -> None:
    """Closes a socket. A thread that waits for it would wait on after a mere close."""
    with suppress(OSError):
        waited_for.shutdown(socket.SHUT_RDWR)
    waited_for.close()


@contextmanager
def endless_server(first: bytes, again: bytes) -> Iterator[str]:
    """The URL of a server that answers *first*, and then *again* every few milliseconds for as long as it can."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(first)
            while not stop.wait(0.01):
                connection.sendall(again)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        end(listener)


def closed_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, taken to the end of this process: no other can listen there."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    port: int = taken.getsockname()[1]
    taken.detach()
    return port


def http(body: str, head: str = "HTTP/1.1 200 OK\r\nContent-Type: application/json") -> bytes:
    """The bytes of an HTTP answer that ends with the connection."""
    return f"{head}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode()


def json_answer(body: str) -> Answer:
    """An answer labelled as JSON."""
    return Answer(200, (("content-type", "application/json"),), body.encode())
