"""One load generator for all servers: requests over keep-alive connections, each sent when the last is answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from figures import MeasuringError

CONNECTIONS = 32
CREDENTIALS = "api_key=n3xm0rocks&api_secret=12ab34cd"
MAX_SECONDS = 300
_SUCCESS = (b'"status": 0,', b'"status":0,', b'code="0"')
_PLAIN = "host: 127.0.0.1\r\naccept: */*\r\nuser-agent: load\r\n"


@dataclass(frozen=True)
class ParsedResponse:
    """The result of a load: the number of answers, of those with status 0, and the wall time."""

    answers: int
    successes: int
    seconds: float


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self.requests, self.done, self.answers, self.successes = requests, done, 0, 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type only
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(f"the server answered {head[:60]!r}")
            return
        self.answers += 1
        self.successes += any(mark in body for mark in _SUCCESS)
        self.buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the server hung up ({exc})")

    def _fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(MeasuringError(reason))

    def _send(self) -> None:
        request = next(self.requests, None)
        if request is not None:
            self.transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)


def load(port: int, requests: Sequence[bytes]) -> ParsedResponse:
    """Sends all *requests* to 127.0.0.1. Raises MeasuringError unless each is answered with HTTP 200, in time."""
    try:
        return asyncio.run(asyncio.wait_for(_load(port, requests), MAX_SECONDS))
    except TimeoutError:
        raise MeasuringError(f"{len(requests)} requests took longer than {MAX_SECONDS} s") from None
    except OSError as error:
        raise MeasuringError(f"the server cannot be reached: {error}") from None


async def _load(port: int, requests: Sequence[bytes]) -> ParsedResponse:
    left, begun = iter(requests), time.perf_counter()
    connections = [await _connect(port, left) for _ in range(CONNECTIONS)]
    try:
        await asyncio.gather(*(connection.done for connection in connections))
        seconds = time.perf_counter() - begun
    finally:
        for connection in connections:
            connection.transport.close()
    return ParsedResponse(sum(c.answers for c in connections), sum(c.successes for c in connections), seconds)


async def _connect(port: int, requests: Iterator[bytes]) -> Connection:
    loop = asyncio.get_running_loop()
    connection = Connection(requests, loop.create_future())
    await loop.create_connection(lambda: connection, "127.0.0.1", port)
    return connection


def get(number: str, path: str = "json") -> bytes:
    """A GET for *number*."""
    return f"GET /ni/basic/{path}?number={number}&{CREDENTIALS} HTTP/1.1\r\n{_PLAIN}\r\n".encode()


def post(number: str, path: str = "json") -> bytes:
    """A POST of a form for *number*."""
    body = f"number={number}&{CREDENTIALS}"
    type_and_length = f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n"
    return f"POST /ni/basic/{path} HTTP/1.1\r\n{_PLAIN}{type_and_length}\r\n{body}".encode()


def new_numbers(seed: int) -> Iterator[str]:
    """Possible numbers of all regions, in random order, none twice."""
    rng = random.Random(seed)
    stems, seen = _stems(), set[str]()
    while True:
        code, length, start = rng.choice(stems)
        number = code + start + "".join(rng.choices("0123456789", k=max(length - 2, 0)))
        if number not in seen:
            seen.add(number)
            yield number


def _stems() -> list[tuple[str, int, str]]:
    """Calling code, length and first two digits of each region's example of a mobile number."""
    return [
        (str(example.country_code), len(str(example.national_number)), str(example.national_number)[:2])
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    ]
