"""Over real sockets: a bounded time for any server, TLS, threads, loops, and closing."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress

import httpx2
import pytest
from client.client_forms import FLAVOURS, FORMATS, Way, ask
from fakes import closed_port, endless_server, http, raw_server
from reference_answer import SUCCESS

from ni_contract.client import (
    AsyncClient,
    BrokenAnswer,
    Client,
    InvalidArgument,
    KeyAndSecret,
    LookupFailed,
    NotReached,
    NotTheApi,
    Success,
    TimedOut,
    WrongHttpStatus,
)
from ni_contract.exchanges.credentials import Credentials
from ni_contract.simulator import RunningSimulator, create_app

ACCOUNT = Credentials()
KEY = KeyAndSecret(ACCOUNT.api_key, ACCOUNT.api_secret)
JSON = Way("lookup_json")
NUMBER = "441632960960"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = json.dumps(SUCCESS)


def failure(flavour: str, url: str, timeout: float = 5.0) -> LookupFailed:
    with pytest.raises(LookupFailed) as caught:
        ask(flavour, JSON, KEY, NUMBER, base_url=url, timeout=timeout)
    assert "\n" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    return caught.value


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(b"", b"", id="silence"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x", id="a head that drips"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue for ever"),
        pytest.param(HEAD + b"Content-Length: 1000\r\n\r\n{", b"", id="silence after the head"),
        pytest.param(HEAD + b"Content-Length: 1000\r\n\r\n{", b" ", id="a body that drips"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n \r\n", id="chunks for ever"),
        pytest.param(HEAD + b"\r\n{", b" ", id="no length, no end"),
    ],
)
def test_endless_answer_times_out(flavour: str, first: bytes, again: bytes) -> None:
    """A server that sends without end is timed out."""
    with endless_server(first, again) as url:
        assert isinstance(failure(flavour, url, 0.2), TimedOut)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_endless_handshake_times_out(flavour: str) -> None:
    with raw_server(None) as url:
        assert isinstance(failure(flavour, url.replace("http:", "https:"), 0.2), TimedOut)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_client_works_after_time_out(flavour: str) -> None:
    with RunningSimulator() as simulator:
        simulator.script.set([{"delay": 60}])
        asyncio.run(_late_then_served(simulator.url, flavour))


async def _late_then_served(url: str, flavour: str) -> None:
    async with AsyncClient(KEY, url, timeout=0.5) as client, AsyncExitStack() as stack:
        one = stack.enter_context(Client(KEY, url, timeout=0.5)) if flavour == "sync" else client
        with pytest.raises(TimedOut):
            await _outcome(one)
        # On a busy machine others may be late too.
        for _ in range(60):
            with suppress(TimedOut):
                assert isinstance(await _outcome(one), Success)
                return
    pytest.fail("no lookup was served")


async def _outcome(client: Client | AsyncClient) -> object:
    outcome = client.lookup(NUMBER)
    return await outcome if inspect.isawaitable(outcome) else outcome


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(b"", NotTheApi, id="closed"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", NotTheApi, id="not HTTP"),
        pytest.param(b"\x00" * 1000, NotTheApi, id="zeros"),
        pytest.param(HEAD + b"Content-Length: 1000\r\n\r\n" + BODY.encode(), BrokenAnswer, id="cut off"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", BrokenAnswer, id="cut off in a chunk"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", BrokenAnswer, id="no chunk"),
        pytest.param(HEAD + b"Content-Length: x\r\n\r\n", NotTheApi, id="no length"),
        pytest.param(HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b", BrokenAnswer, id="compressed"),
        pytest.param(HEAD + b"\r\n", BrokenAnswer, id="empty"),
        pytest.param(http(BODY, "HTTP/1.1 503 Busy"), WrongHttpStatus, id="503"),
        pytest.param(http("", "HTTP/1.1 204 No Content"), WrongHttpStatus, id="204"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", NotTheApi, id="101"),
    ],
)
def test_server_of_another_api_is_refused(flavour: str, answer: bytes, kind: type[LookupFailed]) -> None:
    with raw_server(answer) as url:
        assert type(failure(flavour, url)) is kind


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_cannot_be_reached(flavour: str) -> None:
    assert "refused" in str(failure(flavour, f"http://127.0.0.1:{closed_port()}"))
    assert "resolved" in str(failure(flavour, "http://no-such-host.invalid"))
    with raw_server(b"no TLS") as url:
        assert "TLS" in str(failure(flavour, url.replace("http:", "https:")))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ({"fault": "reset"}, NotReached),
        ({"fault": "cut-off"}, BrokenAnswer),
        ({"fault": "malformed"}, BrokenAnswer),
        ({"fault": "empty"}, BrokenAnswer),
        ({"fault": "wrong-content-type"}, NotTheApi),
        ({"fault": "gateway"}, WrongHttpStatus),
        ({"http_status": 403}, WrongHttpStatus),
        ({"http_status": 429}, WrongHttpStatus),
    ],
    ids=str,
)
def test_each_fault_raises_after_one_request(
    simulators: dict[str, RunningSimulator], flavour: str, fmt: str, step: dict[str, object], kind: type[LookupFailed]
) -> None:
    """Each fault of the simulator is an error after one request."""
    simulator = simulators["documented"]
    seen = len(simulator.received)
    simulator.script.set([step])
    with pytest.raises(kind):
        ask(flavour, Way(f"lookup_{fmt}"), KEY, NUMBER, base_url=simulator.url)
    assert len(simulator.received) == seen + 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_https_with_its_own_ca(flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with RunningSimulator(tls=True) as simulator:
        url, ca_file = simulator.https_url, simulator.ca_file
        assert "certificate" in str(failure(flavour, url))
        assert isinstance(ask(flavour, JSON, KEY, NUMBER, base_url=url, ca_file=ca_file), Success)
        context = httpx2.create_ssl_context()
        context.load_verify_locations(ca_file)
        assert isinstance(ask(flavour, JSON, KEY, NUMBER, base_url=url, ssl_context=context), Success)
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        assert isinstance(ask(flavour, JSON, KEY, NUMBER, base_url=url), Success)
        monkeypatch.setenv("SSL_CERT_FILE", __file__)
        with pytest.raises(InvalidArgument, match="SSL_CERT_FILE"):
            ask(flavour, JSON, KEY, NUMBER, base_url=url)


def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with RunningSimulator() as simulator:
        assert isinstance(ask("sync", JSON, KEY, NUMBER, base_url=simulator.url), Success)


def test_one_sync_client_serves_many_threads(simulators: dict[str, RunningSimulator]) -> None:
    numbers = [f"4477009000{i:02}" for i in range(64)]
    with Client(KEY, simulators["documented"].url) as client, ThreadPoolExecutor(8) as pool:
        results = list(pool.map(client.lookup, numbers))
    assert [r.international_format_number for r in results if isinstance(r, Success)] == numbers


def test_one_async_client_serves_many_tasks(simulators: dict[str, RunningSimulator]) -> None:
    numbers = [f"4477009000{i:02}" for i in range(64)]

    async def all_of_them() -> list[object]:
        async with AsyncClient(KEY, simulators["documented"].url) as client:
            return list(await asyncio.gather(*map(client.lookup, numbers)))

    found = asyncio.run(all_of_them())
    assert [r.international_format_number for r in found if isinstance(r, Success)] == numbers


def test_async_client_survives_event_loop(simulators: dict[str, RunningSimulator]) -> None:
    client = AsyncClient(KEY, simulators["documented"].url)
    for _ in range(3):
        assert isinstance(asyncio.run(client.lookup(NUMBER)), Success)
    asyncio.run(client.aclose())


def test_an_async_lookup_can_be_cancelled() -> None:
    async def cancelled(url: str) -> bool:
        async with AsyncClient(KEY, url) as client:
            task = asyncio.ensure_future(client.lookup(NUMBER))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return task.cancelled()

    with raw_server(None) as url:
        assert asyncio.run(cancelled(url))


def test_connections_are_used_again_and_closed(simulators: dict[str, RunningSimulator]) -> None:
    ports = set()

    class Watched(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            response = super().handle_request(request)
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
            return response

    transport = Watched()
    with transport, Client(KEY, simulators["documented"].url, transport=transport) as client:
        for _ in range(5):
            client.lookup(NUMBER)
        client.close()
        assert isinstance(client.lookup(NUMBER), Success)  # a transport that was given is closed by its owner
    assert len(ports) == 1


def test_client_works_after_close(simulators: dict[str, RunningSimulator]) -> None:
    client = Client(KEY, simulators["documented"].url)
    for _ in range(2):
        assert isinstance(client.lookup(NUMBER), Success)
        client.close()


def test_no_thread_is_left_behind(simulators: dict[str, RunningSimulator]) -> None:
    others = set(threading.enumerate())
    with endless_server(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x") as url:
        assert isinstance(failure("sync", url, 0.1), TimedOut)
        with Client(KEY, simulators["documented"].url) as client:
            for _ in range(20):
                client.lookup(NUMBER)
        for thread in set(threading.enumerate()) - others:
            if thread.name == "ni-contract target":
                thread.join(10)
                assert not thread.is_alive()


def test_an_application_is_asked_in_process() -> None:
    app = create_app()
    transport = httpx2.ASGITransport(app=app)
    result = ask("async", JSON, KEY, NUMBER, base_url="http://in-process", transport=transport)
    assert isinstance(result, Success)


@contextmanager
def wsgi_client(body: bytes) -> Iterator[Client]:
    def app(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])  # type: ignore[operator]
        return [body]

    with Client(KEY, "http://in-process", transport=httpx2.WSGITransport(app=app)) as client:
        yield client


def test_wsgi_application_is_asked() -> None:
    """A WSGI application is asked in process."""
    with wsgi_client(BODY.encode()) as client:
        assert client.lookup(NUMBER) == Success(**SUCCESS)
