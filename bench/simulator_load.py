"""CPU time of the simulator per request, against a constant-answer ASGI app on the same server. Linux only.

    python bench/simulator_load.py [--requests N] [--loop auto|asyncio] [--minutes M]

32 keep-alive connections on 127.0.0.1. CPU time is what counts: on a shared machine wall time varies threefold.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import IO

import phonenumbers

CONNECTIONS = 32
CREDENTIALS = "api_key=n3xm0rocks&api_secret=12ab34cd"
TICKS = os.sysconf("SC_CLK_TCK")
HERE = Path(__file__).resolve()


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self.requests, self.done, self.answers, self.successes = requests, done, 0, 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]):
            self.answers += 1
            self.successes += b'"status": 0' in body or b'code="0"' in body
            self.buffer = b""
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _send(self) -> None:
        request = next(self.requests, None)
        if request is not None:
            self.transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)


async def load(port: int, requests: Iterator[bytes]) -> tuple[int, int]:
    """Sends all *requests*; how many were answered, and how many of these with success."""
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(CONNECTIONS):
        done = loop.create_future()
        _, connection = await loop.create_connection(lambda d=done: Connection(requests, d), "127.0.0.1", port)
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    for connection in connections:
        connection.transport.close()
    return sum(c.answers for c in connections), sum(c.successes for c in connections)


def numbers(seed: int) -> Iterator[str]:
    """Endless possible numbers of all regions, hardly one twice."""
    rng = random.Random(seed)  # noqa: S311
    stems = [
        (str(example.country_code), len(str(example.national_number)), str(example.national_number)[:2])
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    ]
    while True:
        code, length, start = rng.choice(stems)
        yield code + start + "".join(rng.choices("0123456789", k=max(length - 2, 0)))


def get(number: str, path: str = "json") -> bytes:
    return (
        f"GET /ni/basic/{path}?number={number}&{CREDENTIALS} HTTP/1.1\r\n"
        "host: 127.0.0.1\r\naccept: */*\r\nuser-agent: load\r\n\r\n"
    ).encode()


def post(number: str) -> bytes:
    body = f"number={number}&{CREDENTIALS}"
    return (
        "POST /ni/basic/json HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\nuser-agent: load\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Server:
    """A server process of its own: the simulator, or the constant answer."""

    def __init__(self, kind: str, loop: str, stderr: IO[bytes] | None = None) -> None:
        started = time.perf_counter()
        command = [sys.executable, HERE, "--serve", kind, "--loop", loop]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr)  # noqa: S603
        self.port = int(self.process.stdout.readline())
        self.start_seconds = time.perf_counter() - started

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def measure(server: Server, name: str, requests: Iterator[bytes], constant: float | None = None) -> float:
    """CPU microseconds of *server* per request, printed."""
    before, begun = server.cpu_seconds(), time.perf_counter()
    answers, successes = asyncio.run(load(server.port, requests))
    seconds, cpu = time.perf_counter() - begun, (server.cpu_seconds() - before) / answers * 1e6
    ratio = f"{cpu / constant:5.2f} x constant" if constant else ""
    print(
        f"{name:34} {cpu:6.1f} µs CPU/request {answers / seconds:7.0f} requests/s {successes / answers:5.0%} success "
        f"RSS {server.rss_mb():3.0f} MB {ratio}",
        flush=True,
    )
    return cpu


def compare(loop: str, amount: int) -> None:
    few = list(islice(numbers(1), 1_000))
    with Server("constant", loop) as server:
        measure(server, "warm-up", islice(map(get, cycle(few)), amount // 10))
        constant = measure(server, f"constant answer, {loop}", islice(map(get, cycle(few)), amount))
    with Server("simulator", loop) as server:
        print(f"simulator ready after {server.start_seconds:.2f} s, RSS {server.rss_mb():.0f} MB")
        measure(server, "warm-up", islice(map(get, cycle(few)), amount // 10))
        measure(server, "numbers repeat, GET json", islice(map(get, cycle(few)), amount), constant)
        measure(server, "numbers repeat, GET xml", islice((get(n, "xml") for n in cycle(few)), amount), constant)
        measure(server, "numbers repeat, POST form", islice(map(post, cycle(few)), amount), constant)
        measure(server, "every number new, GET json", islice(map(get, numbers(2)), amount), constant)


def endure(loop: str, minutes: float, amount: int) -> None:
    """Full load, every other request with a new number: the memory must stay flat."""
    few, fresh = cycle(list(islice(numbers(1), 1_000))), numbers(3)
    with Server("simulator", loop) as server:
        end = time.perf_counter() + minutes * 60
        while time.perf_counter() < end:
            mixed = (request for _ in range(amount) for request in (get(next(fresh)), post(next(few))))
            measure(server, "endurance", mixed)


async def constant_answer(scope: dict, receive: object, send: object) -> None:
    """The least that an ASGI app can do."""
    await send({"type": "http.response.start", "status": 200, "headers": [CONSTANT_TYPE, CONSTANT_LENGTH]})
    await send({"type": "http.response.body", "body": CONSTANT_BODY})


CONSTANT_BODY = (
    b'{"status": 0, "status_message": "Success", "request_id": "d79c3d82-e2ee-46ff-972a-97b76be419cb", '
    b'"international_format_number": "441632960960", "national_format_number": "01632 960960", "country_code": "GB", '
    b'"country_code_iso3": "GBR", "country_name": "United Kingdom", "country_prefix": "44"}'
)
CONSTANT_TYPE = (b"content-type", b"application/json")
CONSTANT_LENGTH = (b"content-length", b"%d" % len(CONSTANT_BODY))


def serve_constant() -> None:
    """On uvicorn with httptools as it comes, but for logs and headers that the simulator has not either."""
    import uvicorn

    from ni_contract.simulator.server import bind

    sock = bind("127.0.0.1", 0)
    sock.listen()
    print(sock.getsockname()[1], flush=True)
    options = {"log_config": None, "access_log": False, "proxy_headers": False, "server_header": False}
    config = uvicorn.Config(constant_answer, http="httptools", ws="none", lifespan="off", **options)
    uvicorn.Server(config).run(sockets=[sock])


def serve_simulator() -> None:
    from ni_contract.simulator.server import serve
    from ni_contract.simulator.settings import Settings

    serve(Settings(), on_ready=lambda serving: print(serving.url.rsplit(":")[-1].split("/")[0], flush=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=30_000)
    parser.add_argument("--loop", choices=("auto", "asyncio"), default="auto", help="auto: uvloop if installed")
    parser.add_argument("--minutes", type=float, default=0, help="endurance instead of comparison")
    parser.add_argument("--serve", choices=("constant", "simulator"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        if args.loop == "asyncio":
            sys.modules["uvloop"] = None  # type: ignore[assignment]
        (serve_constant if args.serve == "constant" else serve_simulator)()
    elif args.minutes:
        endure(args.loop, args.minutes, args.requests)
    else:
        compare(args.loop, args.requests)


if __name__ == "__main__":
    main()
