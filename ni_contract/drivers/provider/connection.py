"""A connection to a provider over a socket, and its answers."""

import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from ni_contract.clock import RealClock
from ni_contract.drivers.provider.chunks import headers_of, pieces_of, slowly
from ni_contract.exchanges.sending import (
    CUT_OFF,
    OneAtATime,
    Result,
    TooSlowError,
    Worker,
    answer_with,
    failure_kind,
    failure_of,
    read_body,
)
from ni_contract.exchanges.values import Failure, Request

_MAX_LENGTH_DIGITS = 12
HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "ni-contract"}


class Connection:
    """A client that sends one request at a time on a thread of its own: the library's time-out is one per read."""

    def __init__(self, timeout: float, verify: ssl.SSLContext) -> None:
        self.last: Request | None = None
        self._timeout, self._verify = timeout, verify
        self._renew()
        self._worker = Worker(self._left_behind)

    def start(self, request: Request, timeout: float, silence: float) -> Callable[[], Result]:
        """Sends *request*. Returns the function that waits, in a body at most *silence* seconds for its next part."""
        self.last, client, received = request, self._client, _Received()
        wait = self._worker.start(lambda: _exchange(client, request, timeout, silence, received), timeout)

        def result() -> Result:
            result = wait()
            is_late = failure_kind(result) == "timeout"
            return received.failure() if is_late and received.http_status else result

        return result

    @property
    def is_old(self) -> bool:
        """Whether an answer was of HTTP/1.0, which has no chunks."""
        return self._transport.is_old

    @property
    def connects(self) -> int:
        """The number of connections made since the client was replaced; servers may close each after an answer."""
        return self._transport.connects

    def reconnect(self) -> None:
        """Ends the connection; the next request makes another."""
        self._worker.submit(self._left_behind())

    def _renew(self) -> None:
        """Replaces the client."""
        self._transport = OneAtATime(verify=self._verify, trust_env=False)
        self._client = httpx2.Client(timeout=self._timeout, transport=self._transport, trust_env=False, headers=HEADERS)

    def _left_behind(self) -> Callable[[], None]:
        old = self._transport
        self._renew()
        return old.hang_up()

    def close(self) -> None:
        self._worker.submit(self._transport.hang_up())
        self._worker.stop()


@dataclass(slots=True)
class _Received:
    """What has come of an answer: the status (0: nothing), the length that is announced, and the bytes of the body."""

    http_status: int = 0
    length: str = ""
    size: int = 0

    def failure(self) -> Failure:
        came = f"HTTP {self.http_status} and {self.size} bytes came, and the body was cut off or did not end"
        if self.length:
            came = f"{came}; the header Content-Length says {self.length}"
        return Failure(CUT_OFF, came)

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            yield chunk


def _exchange(client: httpx2.Client, request: Request, timeout: float, silence: float, received: _Received) -> Result:
    deadline = RealClock.monotonic() + timeout
    try:
        pieces = pieces_of(request)
        with stream(client, request, pieces if isinstance(pieces, bytes) else slowly(pieces)) as response:
            received.length = response.headers.get("content-length", "")[:_MAX_LENGTH_DIGITS]
            received.http_status = response.status_code
            # The library reads it where it begins to read the body.
            response.request.extensions["timeout"]["read"] = silence
            return answer_of(request, response, read_body(received.counted(response.iter_bytes()), deadline))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TooSlowError) as error:
        if received.http_status and not isinstance(error, httpx2.DecodingError):
            return received.failure()
        return failure_of(error, timeout)


def stream(client: Any, request: Request, content: Any) -> Any:
    return client.stream(request.method, request.url, headers=list(headers_of(request)), content=content or None)


def answer_of(request: Request, response: httpx2.Response, body: bytes | Failure) -> Result:
    if isinstance(body, Failure):
        return body
    length = response.headers.get("content-length", "")
    is_whole = request.method == "HEAD" or "content-encoding" in response.headers
    if length.isdigit() and len(length) < _MAX_LENGTH_DIGITS and int(length) != len(body) and not is_whole:
        return Failure(CUT_OFF, f"the header Content-Length says {length} bytes, the body has {len(body)}")
    return answer_with(response, body)
