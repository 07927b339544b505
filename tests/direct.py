"""A provider in this process that is called as it is: without a thread, an event loop or a client between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ni_contract.drivers.provider.places import places_of
from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Answer, Failure, Request

ROOT = "http://in-process.invalid"


class DirectTarget:
    """The target that *call*, a function from the parts of a request to an answer, drives."""

    reachable = False

    def __init__(self, call: Callable[[str, str, str, dict[str, str], bytes], Result], name: str = "direct") -> None:
        self.name, self.places, self._call = name, places_of(ROOT), call
        self.base_url = self.places[0]

    def send(self, request: Request) -> Result:
        path, _, query = request.url.partition("://")[2].partition("?")
        headers = {name.lower(): value for name, value in request.headers}
        try:
            return self._call(request.method, f"/{path.partition('/')[2]}", query, headers, request.body)
        except SystemExit:
            return Failure("crash", "the provider ended")

    def close(self) -> None:
        """There is nothing to close."""


def direct_app(app: Any) -> DirectTarget:
    """The target that calls the ASGI application *app*, which may wait for nothing."""

    def call(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": pairs}
        try:
            app(scope, receive, send).send(None)
        except StopIteration:
            told = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"])
            return Answer(sent[0]["status"], told, b"".join(one.get("body", b"") for one in sent[1:]))
        raise AssertionError("the application waits")

    return DirectTarget(call, "simulator")


def direct_provider(provider: Any, name: str = "right") -> DirectTarget:
    """The target that calls *provider*, a function that returns HTTP status, Content-Type and body."""

    def call(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        status, content_type, answer = provider(method, path, query, headers, body)
        return Answer(status, (("content-type", content_type),), b"" if method == "HEAD" else answer)

    return DirectTarget(call, name)
