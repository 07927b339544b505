"""Requests and answers of the simulator as exchanges, for tests of clients."""

import gzip
from collections.abc import Callable

from ni_contract.exchanges.values import REQUEST_CUT, Answer, Exchange, Failure, Request
from ni_contract.simulator.asgi import WIRE, Message, RawHeaders, Receive, Scope, Send, wire_of

ORIGIN = "simulator"
NO_ANSWER = Failure("reset", "the connection ended without an answer")


class Recording:
    """Wraps `receive`, `send` and the wire of one request, and passes their exchange to *record*.

    It does so before the answer is sent, because the client may read the recording as soon as it has its answer.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, record: Callable[[Exchange], None], now: float
    ) -> None:
        self._scope, self._receive, self._send, self._record, self._now = scope, receive, send, record, now
        self._wire = wire_of(scope)
        self._request_body = b""
        self._answer_body = b""
        self._start: Message | None = None
        self._head_is_sent, self._is_open = False, True
        self._failure: Failure | None = None
        self._is_finished = self._is_cut = self._has_capitals = False

    def scope(self) -> Scope:
        """The scope for the app, with this object as the wire if there is one."""
        if self._wire is None:
            return self._scope
        return {**self._scope, "extensions": {**self._scope["extensions"], WIRE: self}}

    async def receive(self) -> Message:
        message = await self._receive()
        self._request_body += message.get("body", b"")
        # A client that leaves before the last part of the body has cut it; one that leaves later has not.
        self._is_cut = message["type"] == "http.disconnect" and self._is_open
        self._is_open = message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Sends *message*, recorded first if it is the last one: the head waits for the body."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._answer_body += message.get("body", b"")
        if not message.get("more_body", False):
            self.finish()
        if self._start is not None and not self._head_is_sent:
            self._head_is_sent = True
            await self._send(self._start)
        await self._send(message)

    def reset(self) -> None:
        self.finish()
        if self._wire is not None:
            self._wire.reset()

    def hang_up(self) -> None:
        self.finish()
        if self._wire is not None:
            self._wire.hang_up()

    def capitalise_head(self) -> None:
        self._has_capitals = True
        if self._wire is not None:
            self._wire.capitalise_head()

    def leave_waiting(self) -> None:
        """Records that no complete answer comes, at once, because the time when the client leaves is unknown."""
        self._failure = Failure("timeout", "no whole answer came before the client left")
        self.finish()

    def finish(self) -> None:
        """Passes the exchange on, once."""
        if not self._is_finished:
            self._is_finished = True
            self._record(Exchange(request_of(self._scope, self._request_body), self._answer(), ORIGIN, self._now))

    def _answer(self) -> Answer | Failure:
        if self._failure is not None or self._start is None:
            return self._failure or (REQUEST_CUT if self._is_cut else NO_ANSWER)
        headers, body = self._start["headers"], self._answer_body
        if (b"content-encoding", b"gzip") in headers:
            body = gzip.decompress(body)
        if self._has_capitals:
            headers = [(name.title(), value) for name, value in headers]
        return Answer(self._start["status"], _text(headers), body)


def request_of(scope: Scope, body: bytes) -> Request:
    """The request of *scope* with its *body*, as on the wire."""
    return Request(scope["method"], absolute_url(scope), _text(scope["headers"]), body)


def absolute_url(scope: Scope) -> str:
    """The URL as on the wire, with the name of the Host header."""
    host = next((value for name, value in scope["headers"] if name == b"host"), None)
    if host is None:
        host = ":".join(map(str, scope.get("server") or ("localhost",))).encode()
    return f"{scope.get('scheme', 'http')}://{(host + raw_target(scope)).decode('latin-1')}"


def raw_target(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    if query:
        return path + b"?" + query
    return path


def _text(headers: RawHeaders) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
