"""An exchange is recorded before its answer is sent, because a client's test may look at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from simulator.conftest import Simulate

from ni_contract import Answer, Failure
from ni_contract.simulator import create_app
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
    """An answer is recorded before any of it is sent."""
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
