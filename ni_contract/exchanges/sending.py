"""Sends requests: calls that may never return, bounded reading of answers, and failures as sentences."""

import contextvars
import math
import queue
import re
import socket
import threading
from collections.abc import AsyncIterable, Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

import httpx2

from ni_contract.clock import RealClock
from ni_contract.exchanges.values import Answer, Failure

Result = Answer | Failure


def failure_kind(result: Result) -> str:
    """The kind of the failure, "" where an answer came."""
    return result.kind if isinstance(result, Failure) else ""


T = TypeVar("T")

BLOCKED: Final = (
    "pytest-socket blocks sockets in this test; allow this machine's by the marker "
    '`@pytest.mark.allow_hosts(["127.0.0.1"])` or the flag `--allow-hosts=127.0.0.1`'
)
_Jobs = queue.SimpleQueue[Callable[[], object] | None]


class Worker:
    """Runs calls in a thread of its own, so that a call that never returns can be abandoned.

    The next call gets a fresh thread; *left_behind* is called first, to replace the resources of the stuck call. The
    function that it returns is run by the stuck thread, if that thread continues.
    """

    def __init__(self, left_behind: Callable[[], Callable[[], object] | None] = lambda: None) -> None:
        self._left_behind = left_behind
        self._jobs = _start_thread()

    def run(self, call: Callable[[], Result], timeout: float) -> Result:
        """The result of *call*, or a Failure when it raises or takes more than *timeout* seconds."""
        return self.start(call, timeout)()

    def start(self, call: Callable[[], Result], timeout: float) -> Callable[[], Result]:
        """Starts *call*. Returns the function that waits for its result, as `run` gives it."""
        end = RealClock.monotonic() + timeout
        future = self.submit(lambda: _guarded(call))

        def result() -> Result:
            try:
                return future.result(max(0.0, end - RealClock.monotonic()))
            except TimeoutError:
                self.leave()
                return Failure("timeout", f"no complete answer within {timeout:g} seconds")

        return result

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Starts *call*; the future gets its result, or whatever it raises."""
        future: Future[T] = Future()
        self._jobs.put(lambda: _settle(future, call))
        return future

    def leave(self) -> None:
        stuck, self._jobs = self._jobs, _start_thread()
        if (last := self._left_behind()) is not None:
            stuck.put(lambda: _guarded(last))
        stuck.put(None)

    def stop(self) -> None:
        """Ends the thread once it is idle."""
        self._jobs.put(None)


class OneAtATime(httpx2.HTTPTransport):
    """A transport for one request at a time, whose connection another thread can end.

    Only the thread that uses a connection may close it: TLS reads from the descriptor by its number, which a file that
    was opened since may have.
    """

    # Whether a response was of HTTP/1.0.
    is_old = False
    # The number of connections made.
    connects = 0
    _socket: socket.socket | None = None
    _is_over = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions["trace"] = self._note
        response = super().handle_request(request)
        self.is_old = self.is_old or response.http_version == "HTTP/1.0"
        return response

    def _note(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self.connects += 1
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._is_over:
                self.hang_up()

    def hang_up(self) -> Callable[[], None]:
        """Ends the connection, so that the thread that waits for it continues. Returns what that thread has to do."""
        self._is_over = True
        if self._socket is not None:
            # Of an SSLSocket too, whose own method would make the other thread read without TLS.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        return self.close


def is_blocked_socket(error: BaseException) -> bool:
    """Whether *error* is pytest-socket's, which tests use to keep sockets closed."""
    return type(error).__module__ == "pytest_socket"


def _start_thread() -> _Jobs:
    """The queue of a new thread that runs, in its starter's context, each job that is put there; None ends it."""
    jobs: _Jobs = queue.SimpleQueue()
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_work, jobs), daemon=True, name="ni-contract target").start()
    return jobs


def _work(jobs: _Jobs) -> None:
    while (job := jobs.get()) is not None:
        job()


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001  it is the caller's
        future.set_exception(error)


def _guarded(call: Callable[[], T]) -> T | Failure:
    try:
        return call()
    except ConnectionResetError:
        return Failure("reset", "the connection was reset")
    # Any exception of the provider's code is its answer, SystemExit too; a real Ctrl-C reaches the main thread.
    except BaseException as error:  # noqa: BLE001
        if is_blocked_socket(error):
            return Failure("refused", BLOCKED)
        return Failure("crash", f"the target raised {type(error).__name__}")


MAX_ANSWER_BYTES = 2_000_000


class TooSlowError(Exception):
    pass


class TooLargeError(BaseException):
    """An error of a body that is too large; no Exception, so that an application does not catch it."""


# The kinds of failures of an answer that began: half a body, and one that is not in its Content-Encoding.
CUT_OFF, UNDECODABLE = "cut-off", "undecodable"
BROKEN_BODY = (CUT_OFF, UNDECODABLE)
# In the error about a status line: the rest of the answer before it, which the library shows as bytes.
_REST_BEFORE: Final = re.compile(r"b['\"].+HTTP/[0-9]")


def too_large(most: int) -> Failure:
    """The failure of an answer with more than *most* bytes."""
    return Failure("too-large", f"the answer is larger than {most} bytes")


def read_body(chunks: Iterable[bytes], deadline: float = math.inf, most: int = MAX_ANSWER_BYTES) -> bytes | Failure:
    """All of *chunks*, or a Failure when they have more than *most* bytes. Raises TooSlowError after *deadline*."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most:
            return too_large(most)
        if RealClock.monotonic() > deadline:
            raise TooSlowError
    return bytes(body)


async def read_body_async(chunks: AsyncIterable[bytes], most: int = MAX_ANSWER_BYTES) -> bytes | Failure:
    """As `read_body`, without a deadline."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return too_large(most)
    return bytes(body)


def answer_with(response: httpx2.Response, body: bytes | Failure) -> Result:
    """The answer in *response* with *body*, or the failure to read it."""
    if isinstance(body, Failure):
        return body
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Answer(response.status_code, headers, body)


TOO_LARGE = too_large(MAX_ANSWER_BYTES)


def failure_of(error: Exception, timeout: float) -> Failure:
    """The failure for *error*, without the URL that the library may have put into its text."""
    if isinstance(error, TimeoutError | httpx2.TimeoutException | TooSlowError):
        return Failure("timeout", f"no complete answer within {timeout:g} seconds")
    if isinstance(error, httpx2.ConnectError):
        return _connect_failure(error)
    if isinstance(error, httpx2.RemoteProtocolError):
        return _protocol_failure(error)
    if isinstance(error, httpx2.DecodingError):
        return undecodable(error)
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return Failure("protocol", "the URL cannot be used")
    return Failure("reset", "the connection was closed without an answer")


def _protocol_failure(error: httpx2.RemoteProtocolError) -> Failure:
    if "without sending a response" in str(error):
        return Failure("reset", "the connection was closed without an answer, or what came back is not HTTP")
    if _REST_BEFORE.search(str(error)):
        cause = (
            "what came back does not begin as HTTP does; it may be the rest of an answer longer than its Content-Length"
        )
        return Failure("protocol", f"{cause}: {error}")
    return Failure("protocol", f"what came back is not HTTP, or was cut off: {error}")


def undecodable(error: Exception) -> Failure:
    return Failure(UNDECODABLE, f"the body is not in its Content-Encoding: {error}")


def _connect_failure(error: Exception) -> Failure:
    reasons = [error.__cause__, error.__context__]
    causes = " ".join(str(cause) for cause in (error, *reasons) if cause)
    if "ssl" in causes.lower() or "certificate" in causes.lower():
        return Failure("tls", f"the TLS handshake failed: {error}")
    if any(word in causes for word in ("Name or service", "nodename", "getaddrinfo", "resolution")):
        return Failure("name", "the host's name cannot be resolved")
    if "refused" in causes.lower() or "attempts failed" in causes:
        return Failure("refused", "nothing listens there: the connection was refused")
    return Failure("reset", f"no connection: {error}")
