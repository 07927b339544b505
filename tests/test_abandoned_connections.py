"""A connection that was left waiting is closed, and by the thread that waits: by no other.

TLS reads from a descriptor by its number, which may belong to the next connection once another thread has closed it.
"""

from __future__ import annotations

import asyncio
import gc
import queue
import ssl
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import psutil
import pytest
from fakes import raw_server

from ni_contract.client import AsyncClient, Client, KeyAndSecret, TimedOut
from ni_contract.drivers.provider.http_target import UrlTarget
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Failure, Request
from ni_contract.simulator import RunningSimulator

ACCOUNT = Credentials()
SECONDS = 0.5
KEY = KeyAndSecret(ACCOUNT.api_key, ACCOUNT.api_secret)
NUMBER = "441632960960"
Closed = queue.SimpleQueue[threading.Thread]


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    """The threads that closed a connection with TLS. The simulator's own have no such object."""
    threads: Closed = queue.SimpleQueue()
    close = ssl.SSLSocket._real_close  # type: ignore[attr-defined]

    def noted(connection: ssl.SSLSocket) -> None:
        threads.put(threading.current_thread())
        close(connection)

    monkeypatch.setattr(ssl.SSLSocket, "_real_close", noted)
    return threads


@pytest.fixture
def silent() -> RunningSimulator:
    """A simulator that does not answer the first request."""
    simulator = RunningSimulator(tls=True)
    simulator.script.set([{"delay": 60}])
    return simulator


def test_target_leaves_closing_to_its_thread(closed: Closed, silent: RunningSimulator) -> None:
    with silent, closing(UrlTarget(silent.https_url, SECONDS, str(silent.ca_file))) as target:
        answer = target.send(Request("GET", f"{silent.https_url}/json?number=1"))
        assert isinstance(answer, Failure)
        assert answer.kind == "timeout"
        assert closed.get(timeout=60) is not threading.current_thread()


def test_client_leaves_closing_to_its_thread(closed: Closed, silent: RunningSimulator) -> None:
    with silent, Client(KEY, silent.https_url, timeout=SECONDS, ca_file=silent.ca_file) as client:
        with pytest.raises(TimedOut):
            client.lookup(NUMBER)
        assert closed.get(timeout=60) is not threading.current_thread()


def test_closing_target_ends_open_request(closed: Closed, silent: RunningSimulator) -> None:
    """A request may still wait when a run is interrupted."""
    with silent:
        target = UrlTarget(silent.https_url, 60, str(silent.ca_file))
        wait = target.start(Request("GET", f"{silent.https_url}/json?number=1"), 60)
        while silent.script.remaining:
            time.sleep(0.005)
        target.close()
        assert isinstance(wait(), Failure)
        assert closed.get(timeout=60) is not threading.current_thread()


def connections_to(url: str) -> list[object]:
    """The connections of this process to the server at *url*, which are not closed."""
    found = psutil.Process().net_connections("tcp4")
    return [one for one in found if one.raddr and one.raddr.port == urlsplit(url).port]


def test_end_of_loop_closes_connections() -> None:
    """An async client whose loop ended can no longer close them itself."""
    with RunningSimulator() as simulator:
        client = AsyncClient(KEY, simulator.url)
        for _ in range(2):
            asyncio.run(client.lookup(NUMBER))
            assert connections_to(simulator.url) == []


def test_cancelled_handshake_closes_connection() -> None:
    async def late(url: str) -> None:
        with pytest.raises(TimedOut):
            await AsyncClient(KEY, url, timeout=SECONDS).lookup(NUMBER)
        assert connections_to(url) == []

    with raw_server(None) as url:
        asyncio.run(late(url.replace("http:", "https:")))


# Of the connection that is left open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_dropped_client_leaves_no_coroutine(recwarn: pytest.WarningsRecorder) -> None:
    """A loop that has stopped would never await it. Python 3.13 warns of that."""
    with RunningSimulator() as simulator:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(AsyncClient(KEY, simulator.url).lookup(NUMBER))
        gc.collect()
        loop.close()
        gc.collect()
    assert [str(one.message) for one in recwarn if one.category is RuntimeWarning] == []


# asyncio warns of the connection that is left open, rightly, before it is closed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_dropped_client_closes_while_loop_runs() -> None:
    async def dropped(url: str) -> None:
        await AsyncClient(KEY, url).lookup(NUMBER)
        gc.collect()
        while connections_to(url):
            await asyncio.sleep(0.01)

    with RunningSimulator() as simulator:
        asyncio.run(asyncio.wait_for(dropped(simulator.url), 60))
