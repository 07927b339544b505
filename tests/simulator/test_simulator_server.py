"""Over real sockets on 127.0.0.1: faults of the connection, bounds, TLS, and recording."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from ni_contract import Answer, Failure
from ni_contract.errors import HarnessError
from ni_contract.simulator import RunningSimulator, Settings
from ni_contract.simulator import protocol as protocol_module
from ni_contract.simulator.script import Step
from ni_contract.simulator.server import bind

PARAMS = {"api_key": "n3xm0rocks", "api_secret": "12ab34cd", "number": "441632960960"}
QUERY = "/ni/basic/json?api_key=n3xm0rocks&api_secret=12ab34cd&number=441632960960"


@pytest.fixture(scope="module")
def shared() -> Any:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def server(shared: Any) -> Any:
    shared.script.clear()
    return shared


def lookup(server: RunningSimulator, **options: Any) -> Any:
    return httpx2.get(f"{server.url}/json", params=PARAMS, **options)


def raw(server: RunningSimulator, data: Any, patience: Any = 60.0) -> Any:
    """All bytes that the server sends for *data*, until it closes."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=patience) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def get(target: Any = QUERY, *lines: Any) -> Any:
    return "\r\n".join((f"GET {target} HTTP/1.1", "host: x", "connection: close", *lines, "", "")).encode()


def test_it_answers_at_its_url(server: RunningSimulator) -> None:
    assert server.url.endswith("/ni/basic")
    assert lookup(server).json()["status"] == 0


def test_it_keeps_connections_alive(server: RunningSimulator) -> None:
    with httpx2.Client() as client:
        assert [client.get(f"{server.url}/json", params=PARAMS).json()["status"] for _ in range(3)] == [0] * 3


def test_reset_ends_connection_without_answer(server: RunningSimulator) -> None:
    server.script.set([{"fault": "reset"}])
    with pytest.raises(ConnectionResetError):
        raw(server, get())
    assert isinstance(server.received[-1].answer, Failure)


def test_a_cut_off_answer_ends_early(server: RunningSimulator) -> None:
    server.script.set([{"fault": "cut-off"}])
    head, _, body = raw(server, get()).partition(b"\r\n\r\n")
    announced = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) < announced


def test_a_chunked_answer_ends_behind_a_chunk(server: RunningSimulator) -> None:
    """The chunk is whole, and the empty one that ends a body does not come."""
    server.script.set([{"fault": "cut-off-chunks"}])
    head, _, body = raw(server, get()).partition(b"\r\n\r\n")
    size, _, chunk = body.partition(b"\r\n")
    assert b"transfer-encoding: chunked" in head
    assert len(chunk.removesuffix(b"\r\n")) == int(size, 16)
    assert chunk.startswith(b'{"status": 0')
    assert not chunk.endswith(b"}\r\n")


def test_after_a_fault_it_serves_on(server: RunningSimulator) -> None:
    server.script.set([{"fault": "reset"}, {"fault": "cut-off"}, {"fault": "cut-off-chunks"}, {}])
    for _ in range(3):
        with pytest.raises(httpx2.TransportError):
            lookup(server)
    assert lookup(server).json()["status"] == 0


@pytest.mark.parametrize(
    ("request_bytes", "http_status"),
    [
        (get("/" + "x" * 20_000), b"414"),
        (get(QUERY, "x: " + "y" * 40_000), b"431"),
        (get(QUERY, *["x: y"] * 20_000), b"431"),
        (b"GET /ni/basic/json HTTP/1.1\r\nx: " + b"y" * 400_000, b"431"),
        (b"GET /" + b"x" * 400_000, b"414"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET /ni/basic/json HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n", b"400"),
        (b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n", b"4"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
    ],
    ids=range(9),
)
def test_other_input_is_refused(server: RunningSimulator, request_bytes: Any, http_status: Any) -> None:
    assert raw(server, request_bytes).startswith(b"HTTP/1.1 " + http_status)


def test_body_over_64_kb_is_answered(server: RunningSimulator) -> None:
    """A body over 64 kB gets its answer."""
    assert httpx2.post(f"{server.url}/json", content=b"x" * 1_000_000).status_code == 413


def test_http_2_offer_is_declined(server: RunningSimulator) -> None:
    """Java's client offers h2c with every plain request."""
    body = "&".join(f"{name}={value}" for name, value in PARAMS.items()).encode()
    head = (
        "POST /ni/basic/json HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
        f"http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=60) as connection:
        connection.sendall(head + body)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(get())
        assert b"".join(iter(lambda: connection.recv(65_536), b"")).count(b'"status": 0') >= 1


def test_a_chunked_body_is_read(server: RunningSimulator) -> None:
    def chunks() -> Any:
        yield json.dumps(PARAMS).encode()[:9]
        yield json.dumps(PARAMS).encode()[9:]

    told = httpx2.post(f"{server.url}/json", content=chunks(), headers={"content-type": "application/json"})
    assert told.json()["status"] == 0


def test_pipelined_requests_are_answered_in_order(server: RunningSimulator) -> None:
    pipelined = get().replace(b"connection: close\r\n", b"")
    answer = raw(server, pipelined * 3 + get("/elsewhere"))
    assert (answer.count(b'"status": 0'), answer.rfind(b"404") > answer.rfind(b'"status": 0')) == (3, True)


def in_two(server: RunningSimulator, first: Any, second: Any) -> Any:
    """The answer to a request whose part *second* arrives some time after *first*."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(first)
        assert lookup(server).status_code == 200  # by then, the first part was read
        connection.sendall(second)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_split_head_is_not_large(server: RunningSimulator) -> None:
    """A large body behind a head in two parts is no large head."""
    body = b"page_index=" + b"x" * 60_000 + f"&{QUERY.partition(chr(63))[2]}".encode()
    head = get().replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\ncontent-length: %d\r\n\r\n" % len(body))
    assert b'"status": 0' in in_two(server, head[:40], head[40:] + body)


def test_pipelined_requests_are_not_large(server: RunningSimulator) -> None:
    pipelined = get().replace(b"connection: close\r\n", b"")
    answers = in_two(server, pipelined[:40], pipelined[40:] + pipelined * 499 + get("/elsewhere"))
    assert (answers.count(b'"status": 0'), answers.count(b"HTTP/1.1 404")) == (500, 1)


def test_endless_head_is_refused(server: RunningSimulator) -> None:
    assert in_two(server, b"GET /ni/basic/json HTTP/1.1\r\nx: ", b"y" * 400_000).startswith(b"HTTP/1.1 431")
    assert in_two(server, b"\r\n", b"\r\n" * 200_000).startswith(b"HTTP/1.1 4")


def test_unread_data_is_given_whole() -> None:
    """Data that came in pieces instead of a request is handed over whole."""
    unread: list[bytes] = []
    with RunningSimulator(on_unread=unread.append) as server:
        in_two(server, b"GE", b"T /ni/basic/json  HTTP\r\n\r\n")
    assert unread == [b"GET /ni/basic/json  HTTP\r\n\r\n"]


def test_head_is_answered_with_a_head(server: RunningSimulator) -> None:
    answer = raw(server, get().replace(b"GET", b"HEAD"))
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 293" in answer


def test_unfinished_requests_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "MAX_REQUEST_SECONDS", 0.05)
    with RunningSimulator() as server:
        for unfinished in (b"", b"GET /ni", b"POST /ni/basic/json HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"):
            with contextlib.suppress(ConnectionResetError):
                assert raw(server, unfinished) == b""


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "MAX_CONNECTIONS", 1)
    with RunningSimulator() as server, httpx2.Client() as first:
        assert first.get(f"{server.url}/json").status_code == 200
        with pytest.raises(httpx2.TransportError):
            lookup(server)
        assert first.get(f"{server.url}/json").status_code == 200


def test_it_records_what_it_received(server: RunningSimulator) -> None:
    before = len(server.received)
    httpx2.post(f"{server.url}/xml?x=1", data=PARAMS, headers={"X-Mine": "yes"})
    exchange = server.received[before]
    assert (exchange.request.method, exchange.request.url) == ("POST", f"{server.url}/xml?x=1")
    assert ("x-mine", "yes") in exchange.request.headers
    assert b"number=441632960960" in exchange.request.body
    assert isinstance(exchange.answer, Answer)
    assert b'<error code="0">' in exchange.answer.body


@pytest.mark.parametrize(
    "data",
    [
        get(),
        get("/%zz" + QUERY),
        b"\xff 12ab34cd\r\n\r\n",
        get(QUERY, "connection: upgrade", "upgrade: 12ab34cd"),
        get(QUERY, "x: " + "12ab34cd" * 9_000),
        get(QUERY + "12ab34cd" * 9_000),
        get().replace(b"connection: close\r\n", b"") * 3 + b"\xff",
    ],
    ids=range(7),
)
def test_nothing_is_logged(
    server: RunningSimulator, data: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert raw(server, data).startswith(b"HTTP/1.1 ")
    assert [record.name for record in caplog.records if record.levelno > logging.INFO] == []
    assert "12ab34cd" not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_https_needs_its_authority() -> None:
    """HTTPS is trusted by a client that trusts its authority."""
    with RunningSimulator(tls=True) as server:
        context = ssl.create_default_context(cafile=str(server.ca_file))
        with httpx2.Client(verify=context) as client:
            assert client.get(f"{server.https_url}/json", params=PARAMS).json()["status"] == 0
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{server.https_url}/json")
        assert lookup(server).json()["status"] == 0
    assert not server.ca_file.exists()


def test_the_certificate_is_also_the_vendors() -> None:
    with RunningSimulator(tls=True) as server:
        context = ssl.create_default_context(cafile=str(server.ca_file))
        plain = socket.create_connection(("127.0.0.1", urlsplit(server.https_url).port))
        with context.wrap_socket(plain, server_hostname="api.nexmo.com") as secured:
            assert secured.version().startswith("TLSv1")


def test_https_url_needs_tls(server: RunningSimulator) -> None:
    assert server.ca_file is None
    with pytest.raises(HarnessError):
        _ = server.https_url


def wait_in_vain(server: RunningSimulator) -> None:
    with contextlib.suppress(httpx2.TransportError):
        lookup(server, timeout=60)


def test_server_ends_despite_waiting_client() -> None:
    with RunningSimulator(Settings(script=(Step(delay=300),))) as server:
        waiting = threading.Thread(target=wait_in_vain, args=[server])
        waiting.start()
        while server.script.remaining:
            pass
    waiting.join(60)
    assert not waiting.is_alive()


def test_used_port_gives_one_sentence() -> None:
    """A port in use gives one clear sentence."""
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(HarnessError, match=r"cannot listen on .* port"):
            bind("127.0.0.1", taken.getsockname()[1])


def test_two_servers_run_side_by_side() -> None:
    with RunningSimulator() as one, RunningSimulator(Settings(edition="observed")) as other:
        assert one.url != other.url
        assert "error_text" in httpx2.get(f"{one.url}/json").json()
        assert "error_text" not in httpx2.get(f"{other.url}/json").json()
