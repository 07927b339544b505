"""Answers that stay away, or come in pieces: what a connection gets, and when."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from simulator.conftest import NUMBER, Asker
from waiting import until

from ni_contract import Failure
from ni_contract.simulator import RunningSimulator, create_app
from ni_contract.simulator.asgi import Message, Reply
from ni_contract.simulator.transfer import send_in_pieces


@pytest.fixture(scope="module")
def running() -> Any:
    with RunningSimulator() as simulator:
        yield simulator


GET = b"GET /ni/basic/json?number=441632960960 HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def asking(simulator: Any) -> Iterator[socket.socket]:
    """A connection on which a lookup was asked, and taken up by the script."""
    host, port = simulator.url.removeprefix("http://").partition("/")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(GET)
        until(lambda: not simulator.script.remaining)
        yield connection


def received_from(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    assert data, "the connection was closed"
    return data


def is_silent(connection: socket.socket) -> bool:
    """Whether nothing comes for a moment, and the connection stays open."""
    connection.settimeout(0.2)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    return False


def test_silence_is_recorded_at_once(running: Any) -> None:
    """Silence sends no byte at all and is recorded at once."""
    before = len(running.received)
    running.script.set([{"fault": "silence"}])
    with asking(running) as connection:
        until(lambda: len(running.received) > before)
        assert running.received[-1].answer == Failure("timeout", "no whole answer came before the client left")
        assert is_silent(connection)


def test_pieces_cut_a_letter() -> None:
    """An answer in two pieces, cut in the first letter that is not ASCII, or in its middle."""
    assert pieces_of("São".encode()) == [b"S\xc3", b"\xa3o"]
    assert pieces_of(b"halves") == [b"hal", b"ves"]


def test_long_piece_has_a_chunk_whose_size_is_all_digits() -> None:
    """A client that reads the sizes of chunks as decimal numbers has half an answer."""
    assert [len(piece) for piece in pieces_of(32 * b"x")] == [16, 16]
    assert [len(piece) for piece in pieces_of(34 * b"x")] == [16, 1, 17]
    assert [len(piece) for piece in pieces_of(34 * b"x", is_chunked=False)] == [17, 17]


def pieces_of(body: bytes, *, is_chunked: bool = True) -> list[bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(send_in_pieces(Reply(200, (), body), send, is_chunked))
    return [message["body"] for message in sent[1:]]


def answer_by(simulator: Any, fault: str, end: bytes) -> bytes:
    """The bytes of an answer with the body {} that comes by *fault*, up to its *end*."""
    simulator.script.set([{"body": "{}", "fault": fault}])
    with asking(simulator) as connection:
        received = b""
        while not received.endswith(end):
            received += received_from(connection)
    return received


def test_pieces_make_one_answer(running: Any) -> None:
    """The pieces of a body are its chunks."""
    received = answer_by(running, "pieces", b"\r\n0\r\n\r\n")
    assert received.partition(b"\r\n\r\n")[2] == b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"


def test_segments_have_a_length(running: Any) -> None:
    assert b"content-length: 2\r\n" in answer_by(running, "segments", b"{}")


def test_capitals_are_in_the_names_alone(running: Any) -> None:
    """The names of headers have capitals; the status line, the values and the body are as usual."""
    received = answer_by(running, "capitals", b"{}")
    lines = received.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert {b"Content-Type: application/json", b"Content-Length: 2"} <= set(lines)
    assert not re.search(rb"(?m)^[a-z-]+:", received)


def test_capitals_are_of_one_answer(running: Any) -> None:
    answer_by(running, "capitals", b"{}")
    assert b"content-type: application/json" in answer_by(running, "segments", b"{}")


def test_capitals_need_a_connection_of_our_own() -> None:
    """In another server the names stay as that server writes them."""
    asker = Asker(create_app(script=[{"fault": "capitals"}]))
    assert asker(query=f"number={NUMBER}&api_key=n3xm0rocks&api_secret=12ab34cd").json["status"] == 0


def test_silence_may_outlast_its_script(running: Any) -> None:
    """A new script releases those that wait, unless it is told not to."""
    running.script.set([{"fault": "silence"}])
    with asking(running) as waiting:
        running.script.set([{}], releases=False)
        with asking(running) as connection:
            assert received_from(connection)
        assert is_silent(waiting)


def test_a_stall_is_half_an_answer(running: Any) -> None:
    before = len(running.received)
    running.script.set([{"status": 0, "fault": "stall"}])
    with asking(running) as connection:
        received = b""
        while not received.partition(b"\r\n\r\n")[2]:
            received += received_from(connection)
        until(lambda: len(running.received) > before)
        assert is_silent(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    assert len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert isinstance(running.received[-1].answer, Failure)


@pytest.mark.parametrize("fault", ["silence", "stall"])
def test_script_change_releases_waiting_client(running: Any, fault: str) -> None:
    """A client that has not left gets the answer, or its other half."""
    running.script.set([{"body": "{}", "fault": fault}])
    is_released = threading.Event()

    def release() -> None:
        # Again and again, for a step is taken a moment before its request begins to wait.
        while not is_released.wait(0.01):
            running.script.clear()

    with asking(running) as connection:
        threading.Thread(target=release).start()
        received = b""
        while not received.endswith(b"\r\n\r\n{}"):
            received += received_from(connection)
        is_released.set()


def test_waiting_client_delays_no_other(running: Any) -> None:
    running.script.set([{"fault": "silence"}])
    with asking(running):
        assert httpx2.get(f"{running.url}/json", timeout=60).status_code == 200
