"""Targets that a user may name, and those refused before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import raw_server

from ni_contract.drivers.provider.find_target import base_url_of, find_target
from ni_contract.drivers.provider.http_target import AsgiTarget, UrlTarget, WsgiTarget
from ni_contract.drivers.provider.target import CallableTarget
from ni_contract.errors import UsageError
from ni_contract.exchanges.values import Answer, Failure, Request

REQUEST = Request("GET", "http://in-process.invalid/ni/basic/json?number=1", (("X-A", "b"),))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/",
        "http://127.0.0.1:8080/ni/basic",
        "http://127.0.0.1:8080/ni/basic/",
        "http://127.0.0.1:8080/ni/basic/json",
        "http://127.0.0.1:8080/ni/basic/xml",
    ],
)
def test_base_url_may_omit_path(url: str) -> None:
    """A base URL may be given with or without its path."""
    assert base_url_of(url) == "http://127.0.0.1:8080/ni/basic"


def test_path_of_deployment_comes_first() -> None:
    """A path of its own stays before the API's."""
    assert base_url_of("http://127.0.0.1:1/mocks/") == "http://127.0.0.1:1/mocks/ni/basic"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("ftp://127.0.0.1", "not a base URL"),
        ("http://", "not a base URL"),
        ("http://127.0.0.1:1/?api_secret=s3cr3t", "more than a base URL"),
        ("http://user:s3cr3t@127.0.0.1:1/", "more than a base URL"),
        ("https://api.nexmo.com", "public host"),
        ("https://api.nexmo.com", "`ni-contract proxy --live`"),
        ("https://rest.nexmo.com/ni/basic", "public host"),
        ("http://8.8.8.8/", "public host"),
        ("http://[2001:4860:4860::8888]/", "public host"),
        ("http://[::1", "not a URL"),
        ("http://a..b/", "not a URL"),
        (f"http://{'a' * 300}/", "not a URL"),
        ("http://127.0.0.1:99999", "not a URL"),
        ("http://127.0.0.1:abc", "not a URL"),
        ("http://127.0.0.1:0", "not a URL"),
        ("http://local host/", "not a URL"),
        ("http://127.0.0.1/\udcff", "not a URL"),
        ("http://127.0.0.1:1/\x00", "not a URL"),
        ("localhost:80/ni?api_secret=s3cr3t", "did you mean http://localhost:80/ni"),
        ("127.0.0.1", "did you mean http://127.0.0.1?"),
        ("[::1]:80", "did you mean http://[::1]:80?"),
        ("nowhere", "neither a URL nor module:app"),
        ("no_such_module:app", "cannot be imported"),
        ("json:nothing", "has no 'nothing'"),
        ("json:__name__", "not a URL, an ASGI or WSGI application"),
    ],
)
def test_other_target_is_usage_error(target: str, message: str) -> None:
    """Any other target is a usage error without secrets."""
    with pytest.raises(UsageError) as error:
        find_target(target, 1)
    assert message in str(error.value)
    assert "s3cr3t" not in str(error.value)


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 207, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": scope["query_string"]})


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("207 Multi", [("x", "y")])
    return [environ["QUERY_STRING"].encode()]


def plain(request: Request) -> Answer:
    return Answer(207, (("x", "y"),), request.url.partition("?")[2].encode())


async def awaited(request: Request) -> Answer:
    return plain(request)


class Application:
    """An application in the form of frameworks: a callable object."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asgi(scope, receive, send)


def factory() -> Any:
    return asgi


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        (asgi, AsgiTarget),
        (Application(), AsgiTarget),
        (factory, AsgiTarget),
        (wsgi, WsgiTarget),
        (plain, CallableTarget),
        (awaited, CallableTarget),
    ],
)
def test_applications_and_callables_are_distinguished(what: Any, kind: type) -> None:
    target = find_target(what, 60)
    try:
        assert isinstance(target, kind)
        answer = target.send(REQUEST)
        assert isinstance(answer, Answer)
        assert (answer.http_status, answer.body) == (207, b"number=1")
    finally:
        target.close()


def test_module_in_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_fake.py").write_text("def app(environ, start_response):\n    return []\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    target = find_target("my_fake:app", 60)
    assert target.name == "my_fake:app"
    target.close()


def test_asgi_lifespan_is_run() -> None:
    events: list[str] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            events.append("request")
            await asgi(scope, receive, send)
            return
        for name in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{name}"
            events.append(name)
            await send({"type": f"lifespan.{name}.complete"})

    target = find_target(app, 60)
    target.send(REQUEST)
    target.close()
    assert events == ["startup", "request", "shutdown"]


def _raise(request: Request) -> Answer:
    raise ValueError("with s3cr3t in it")


def _reset(request: Request) -> Answer:
    raise ConnectionResetError


def _hang(environ: Any, start_response: Any) -> list[bytes]:
    import time

    time.sleep(30)
    return []


@pytest.mark.parametrize(
    ("what", "kind"),
    [(_raise, "crash"), (_reset, "reset"), (_hang, "timeout"), (lambda request: "text", "crash")],
)
def test_application_error_is_masked_failure(what: Any, kind: str) -> None:
    """A fault of an application is a failure without its text."""
    target = find_target(what, 0.2 if kind == "timeout" else 60)
    failure = target.send(REQUEST)
    assert isinstance(failure, Failure)
    assert failure.kind == kind
    assert "s3cr3t" not in failure.message
    target.close()


@pytest.fixture
def slow_drip() -> Iterator[str]:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part") as url:
        yield url


def test_cut_answer_is_a_failure(slow_drip: str) -> None:
    """An answer that is cut off is a failure."""
    target = UrlTarget(slow_drip, 60)
    failure = target.send(Request("GET", slow_drip + "/ni/basic/json?api_secret=s3cr3t"))
    assert isinstance(failure, Failure)
    assert failure.kind == "cut-off"
    target.close()


def test_wire_equals_request() -> None:
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    target = UrlTarget(base, 60)
    target.send(Request("GET", base + "/json?number=+44(0)20&x=%2b%C3%a9&", (("Content-Type", "text/x-json"),)))
    thread.join(60)
    target.close()
    listener.close()
    head = seen[0].decode()
    assert head.startswith("GET /json?number=+44(0)20&x=%2b%C3%a9& HTTP/1.1\r\n")
    assert "content-type: text/x-json" in head.lower()
