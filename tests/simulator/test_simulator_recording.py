"""An exchange is recorded before its answer is sent, because a client's test may look at once."""

from __future__ import annotations

import asyncio
import queue
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from simulator.conftest import Simulate
from simulator.test_simulator_server import lookup

from ni_contract import Answer, Failure
from ni_contract.exchanges.values import REQUEST_CUT, Exchange
from ni_contract.simulator import RunningSimulator, Settings, create_app
from ni_contract.simulator.asgi import WIRE

QUERY = b"api_key=n3xm0rocks&api_secret=12ab34cd&number=441632960960"


class Watched:
    """One request over a wire of its own; records how much was recorded whenever data is sent."""

    def __init__(self, **settings: Any) -> None:
        self.recorded = []
        self.left = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/ni/basic/json",
            "query_string": QUERY,
            "headers": [(b"host", b"localhost")],
            "extensions": {WIRE: self},
        }
        app = create_app(record=self.recorded.append, **settings)
        asyncio.run(app(scope, self.receive, self.send))

    async def receive(self) -> Any:
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.left.append((message["type"], len(self.recorded)))

    def reset(self) -> None:
        self.left.append(("reset", len(self.recorded)))

    def hang_up(self) -> None:
        self.left.append(("hang up", len(self.recorded)))


def test_answer_is_recorded_before_sending() -> None:
    watched = Watched()
    assert watched.left == [("http.response.start", 1), ("http.response.body", 1)]
    assert isinstance(watched.recorded[0].answer, Answer)


def test_cut_answer_is_recorded_once() -> None:
    """A cut-off answer is recorded once, before the connection ends."""
    watched = Watched(script=[{"fault": "cut-off"}])
    assert watched.left == [("http.response.start", 0), ("http.response.body", 0), ("hang up", 1)]
    assert len(watched.recorded) == 1


def test_reset_is_recorded_once() -> None:
    """A reset is recorded once, before it happens."""
    watched = Watched(script=[{"fault": "reset"}])
    assert watched.left == [("reset", 1)]
    assert [type(exchange.answer) for exchange in watched.recorded] == [Failure]


def test_reset_without_wire_is_recorded(simulate: Simulate) -> None:
    recorded = []
    with pytest.raises(ConnectionResetError):
        simulate(script=[{"fault": "reset"}], record=recorded.append).number("1")
    assert len(recorded) == 1


def test_what_it_recorded_shows_no_secret() -> None:
    # A value of its own: other tests send theirs where no name identifies it.
    with RunningSimulator() as server:
        lookup(server)
        assert "12ab34cd" in server.received[0].request.url
        assert "12ab34cd" not in repr(server.received) + repr(server)


def test_own_recorder_is_called_too() -> None:
    seen = []
    with RunningSimulator(Settings(record=seen.append)) as server:
        lookup(server)
    assert len(seen) == len(server.received) == 1


@pytest.mark.parametrize("head", [b"content-length: 9", b"transfer-encoding: chunked"])
def test_half_a_body_is_recorded(head: bytes) -> None:
    """A request whose body never comes whole gets no answer, and is recorded with the reason."""
    seen: queue.Queue[Exchange] = queue.Queue()
    body = b"number=1" if head.startswith(b"content") else b"8\r\nnumber=1\r\n"
    with RunningSimulator(Settings(record=seen.put)) as server:
        host, port = urlsplit(server.url).netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(b"POST /ni/basic/json HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n" + body)
        exchange = seen.get(timeout=60)
    assert (exchange.answer, exchange.request.body) == (REQUEST_CUT, b"number=1")
