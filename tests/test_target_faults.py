"""Bodies and faults of applications and callables: alike whatever the kind of the target."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fakes import endless_server, raw_server
from test_find_target import REQUEST, asgi, wsgi

from ni_contract.drivers.provider.find_target import find_target
from ni_contract.drivers.provider.http_target import UrlTarget
from ni_contract.exchanges.sending import MAX_ANSWER_BYTES
from ni_contract.exchanges.values import Answer, Failure, Request


def answer_of(what: Any, timeout: float = 60) -> Answer | Failure:
    target = find_target(what, timeout)
    try:
        return target.send(Request("GET", target.base_url + "/json?number=1"))
    finally:
        target.close()


def as_wsgi(body: bytes, *headers: tuple[str, str]) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", list(headers))
        return [body]

    return app


def as_asgi(body: bytes, *headers: tuple[str, str]) -> Any:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        pairs = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    return app


def everywhere(body: bytes, *headers: tuple[str, str]) -> Iterator[Answer | Failure]:
    """The results for the same answer over a socket and in process."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with raw_server(f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body) as url:
        yield answer_of(url)
    yield answer_of(as_wsgi(body, *headers))
    yield answer_of(as_asgi(body, *headers))


GZIP = ("Content-Encoding", "gzip")


def test_compressed_body_is_read_everywhere() -> None:
    for answer in everywhere(gzip.compress(b"{}"), GZIP):
        assert isinstance(answer, Answer)
        assert answer.body == b"{}"


def test_falsely_compressed_body_fails_everywhere() -> None:
    for failure in everywhere(b"{}", GZIP):
        assert isinstance(failure, Failure)
        assert (failure.kind, "Content-Encoding" in failure.message) == ("undecodable", True)


@pytest.mark.parametrize("compressed", [False, True])
def test_large_body_fails_everywhere(compressed: bool) -> None:
    body = b"x" * (MAX_ANSWER_BYTES + 1)
    answers = everywhere(gzip.compress(body), GZIP) if compressed else everywhere(body)
    assert [getattr(answer, "kind", None) for answer in answers] == ["too-large"] * 3


def test_endless_application_is_stopped() -> None:
    """An application that never stops writing is stopped."""

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"x" * 65536

    async def asgi_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})

    assert [getattr(answer_of(app), "kind", None) for app in (wsgi_app, asgi_app)] == ["too-large"] * 2


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()])
def test_exiting_application_is_asked_again(error: BaseException) -> None:
    """An application that ends the program crashes, and is asked again."""

    async def asgi_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or b"crash" in scope["query_string"]:
            raise error
        await asgi(scope, receive, send)

    async def in_a_task(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await asyncio.ensure_future(asgi_app(scope, receive, send))

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if "crash" in environ["QUERY_STRING"]:
            raise error
        return wsgi(environ, start_response)

    for app in (asgi_app, in_a_task, wsgi_app):
        target = find_target(app, 60)
        crashed = target.send(Request("GET", target.base_url + "/json?crash"))
        assert isinstance(crashed, Failure)
        assert crashed.kind == "crash"
        assert isinstance(target.send(REQUEST), Answer)
        target.close()


def test_request_after_timeout_is_served() -> None:
    released = threading.Event()

    async def asgi_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        if b"hang" in scope["query_string"]:
            await asyncio.sleep(30)
        if b"block" in scope["query_string"]:
            released.wait(60)
        await asgi(scope, receive, send)

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["QUERY_STRING"] != "number=1":
            released.wait(60)
        return wsgi(environ, start_response)

    for app in (asgi_app, wsgi_app):
        target: Any = find_target(app, 60)
        for query in ("hang", "block"):
            target._timeout = 0.3
            released.clear()
            late = target.send(Request("GET", f"{target.base_url}/json?{query}"))
            assert isinstance(late, Failure)
            assert late.kind == "timeout"
            released.set()
            target._timeout = 60
            assert isinstance(target.send(REQUEST), Answer)
        target.close()


def test_dripping_connection_is_closed() -> None:
    with endless_server(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x") as url:
        target = UrlTarget(url, 0.3)
        for _ in range(2):
            failure = target.send(Request("GET", url + "/json"))
            assert isinstance(failure, Failure)
            assert failure.kind == "timeout"
        target.close()


class ChunksUnread(BaseHTTPRequestHandler):
    """Reads no body, so that the chunks stand before the next request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Writes nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        self.wfile.flush()

    def do_POST(self) -> None:
        self.do_GET()
        # The next request comes before what is left of the body is read.
        time.sleep(0.3)


def test_chunks_left_unread_harm_nobody() -> None:
    """The request after a body in chunks goes over a connection of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), ChunksUnread) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        target = UrlTarget(url, 60)
        chunked = Request("POST", url, (("Transfer-Encoding", "chunked"),), b"number=1")
        answers = [target.send(chunked), target.send(Request("GET", url, (), b""))]
        target.close()
        server.shutdown()
    assert [answer.http_status for answer in answers if isinstance(answer, Answer)] == [200, 200]
