"""Variants of an answer, bodies that only resemble an answer, and clients that are kept waiting."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from simulator.conftest import Simulate
from waiting import until

from ni_contract import Answer, Failure
from ni_contract.errors import UsageError
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.xml_document import MalformedXml, parse_xml
from ni_contract.simulator import RunningSimulator
from ni_contract.simulator.answer_variants import VARIANTS
from ni_contract.simulator.asgi import Message, Reply
from ni_contract.simulator.script import FAULTS, parse_script
from ni_contract.simulator.transfer import send_in_pieces

NUMBER = "441632960960"
SAME = (
    *("extra", "reversed", "shuffled", "spaced", "labelled", "labelled-apart", "application-xml"),
    *("undeclared", "bom", "lookup-root", "identified"),
)


def told(simulate: Simulate, fmt: str, status: Any = 0, **step: Any) -> Any:
    return simulate(script=[{"status": status, **step}]).number(NUMBER, fmt)


def facts(answer: Any, fmt: str) -> Any:
    read = ParsedResponse(Answer(answer.http_status, tuple(answer.headers.items()), answer.body), fmt == "xml")
    assert read.problem is None
    keys = {name: str(value) for name, value in read.keys.items() if name not in (*read.extras, "request_id")}
    return read.status, read.text, keys


@pytest.mark.parametrize("fmt", ["json", "xml"])
@pytest.mark.parametrize("shape", SAME)
def test_variant_keeps_values(simulate: Simulate, fmt: str, shape: Any) -> None:
    """A variant has the same values in another form."""
    assert facts(told(simulate, fmt, shape=shape), fmt) == facts(told(simulate, fmt), fmt)


@pytest.mark.parametrize("shape", VARIANTS)
def test_every_shape_changes_something(simulate: Simulate, shape: Any) -> None:
    status = 4 if shape in ("bare", "with-facts", "identified") else 0
    cases = [(fmt, edition) for fmt in ("json", "xml") for edition in ("documented", "observed")]
    usual = [written(told(simulate, fmt, status, edition=edition)) for fmt, edition in cases]
    assert [written(told(simulate, fmt, status, edition=edition, shape=shape)) for fmt, edition in cases] != usual


def written(answer: Any) -> Any:
    """An answer without its request id, which is new each time."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return headers, re.sub(rb"[0-9a-f-]{36}", b"ID", answer.body)


def test_extra_members_are_new_names(simulate: Simulate) -> None:
    assert set(told(simulate, "json", shape="extra").json) - set(told(simulate, "json").json) == {
        "carrier",
        "price",
        "ported",
        "status_code",
        "more",
    }


def test_unknown_attribute_has_an_end_of_a_tag_in_it(simulate: Simulate) -> None:
    """XML permits a > there, and a reader that takes it for the end of the tag has half of one."""
    assert b'<error as_of=">2027" code="0">' in told(simulate, "xml", shape="extra").body


def test_reversed_members_come_in_reverse_order(simulate: Simulate) -> None:
    assert list(told(simulate, "json", shape="reversed").json) == list(told(simulate, "json").json)[::-1]


@pytest.mark.parametrize(("edition", "members"), [("documented", "error_text"), ("observed", "status_message")])
def test_bare_refusal_has_two_keys(simulate: Simulate, edition: str, members: Any) -> None:
    """A bare refusal has a status and a text."""
    assert list(told(simulate, "json", 4, shape="bare", edition=edition).json) == ["status", members]
    assert [child.tag for child in told(simulate, "xml", 4, shape="bare", edition=edition).xml] == ["error"]


def test_refusal_uses_ordered_edition(simulate: Simulate) -> None:
    assert list(told(simulate, "json", 9, edition="observed").json) == ["status", "status_message"]
    assert list(told(simulate, "json", 9, edition="observed", shape="identified").json)[-1] == "request_id"


def test_refusal_may_have_facts(simulate: Simulate) -> None:
    answer = told(simulate, "json", 43, shape="with-facts").json
    assert (answer["status"], answer["country_code"]) == (43, "GB")


def test_status_may_be_absent_alone(simulate: Simulate) -> None:
    """An answer without a status has all else."""
    usual = told(simulate, "json").json
    assert told(simulate, "json", shape="no-status").json.keys() == usual.keys() - {"status"}
    assert told(simulate, "xml", shape="no-status").xml.find("error").attrib == {}


def test_dtd_is_well_formed_but_refused(simulate: Simulate) -> None:
    """A document with a DTD is well-formed, and refused."""
    body = told(simulate, "xml", shape="dtd").body
    assert ET.fromstring(body).find("error").text == "Success"  # noqa: S314 - it is our own
    with pytest.raises(MalformedXml, match="DTD"):
        parse_xml(body)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"shape": "extra"}, "shape needs a status"),
        ({"edition": "observed"}, "edition needs a status"),
        ({"status": 0, "shape": "round"}, "shape must be one of extra, reversed"),
        ({"status": 0, "edition": "third"}, "edition must be one of documented, observed"),
    ],
)
def test_a_bad_step_is_refused(step: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_script([step])


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


def test_other_paths_are_recorded(simulate: Simulate) -> None:
    """A request to another path is recorded too."""
    recorded = []
    simulate(record=recorded.append)("GET", "/ni/standard/json")
    assert [(e.request.url.rpartition("localhost")[2], e.answer.http_status) for e in recorded] == [
        ("/ni/standard/json", 404)
    ]


def test_the_admin_path_is_not_recorded(simulate: Simulate) -> None:
    recorded = []
    simulate(record=recorded.append, admin_path="/_admin")("GET", "/_admin/script")
    assert recorded == []


def test_silence_fault_ends_on_disconnect(simulate: Simulate) -> None:
    """In process, a client that disconnects ends the waiting."""

    async def go() -> Any:
        app = simulate(script=[{"fault": "silence"}]).app
        messages = [{"type": "http.disconnect"}]

        async def receive() -> Any:
            return messages[0]

        async def send(message: Any) -> None:
            pytest.fail(f"sent {message}")

        scope = {"type": "http", "method": "GET", "path": "/ni/basic/json", "query_string": b"", "headers": []}
        await asyncio.wait_for(app(scope, receive, send), 60)

    asyncio.run(go())


def test_page_names_variants_and_faults() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")
    assert [shape for shape in VARIANTS if f"`{shape}`" not in page] == []
    assert [fault for fault in FAULTS if f'"fault": "{fault}"' not in page] == []
