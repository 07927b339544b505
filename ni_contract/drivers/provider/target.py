"""The interface of a provider, and the providers that are called in this process."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from ni_contract.contract.vocabulary import API_PATH
from ni_contract.exchanges.sending import Result, Worker
from ni_contract.exchanges.values import Answer, Failure, Request

IN_PROCESS_URL: Final = f"http://in-process.invalid{API_PATH}"
CLOSED: Final = Failure(
    "refused", "the connection was closed without an answer, and then nothing listened there", under_way=True
)


class Target(Protocol):
    """A provider. Below *base_url* lie /json and /xml; *name* is for reports; *reachable*: whether curl works.

    *places* are the base URLs at which the API may lie.
    """

    name: str
    base_url: str
    reachable: bool
    places: tuple[str, ...]

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none. Never raises for a fault of the provider."""

    def close(self) -> None:
        """Closes connections and threads."""


@runtime_checkable
class Concurrent(Protocol):
    """A target that can use several connections at once."""

    def start(self, request: Request, seconds: float) -> Callable[[], Result]:
        """Sends *request*. Returns the function that waits for the answer, until *seconds* after the sending."""


@dataclass(slots=True)
class Reuse:
    """How many requests were sent over connections that were used before, and how many of them got no answer.

    *after_other* were sent after one of another method, *dropped* are those of them without an answer. *spilled* are
    those whose answer did not end where it had to, which the next one over the connection shows.
    """

    count: int = 0
    unanswered: int = 0
    after_other: int = 0
    dropped: list[Request] = field(default_factory=list)
    spilled: list[Request] = field(default_factory=list)


@runtime_checkable
class Reconnecting(Protocol):
    """A target that is asked over connections; *closed* is how many reused ones broke before the answer.

    *reuse* is, by method, what became of requests over connections that were used before.
    """

    closed: int
    reuse: dict[str, Reuse]

    def reconnect(self) -> None:
        """Closes the connections that are idle, so that the next request opens a new one."""


class TargetInProcess:
    """A target whose `call` answers in a thread of its own, which is abandoned after *timeout* seconds."""

    reachable = False

    def __init__(self, name: str, timeout: float) -> None:
        self.name, self.base_url, self._timeout = name, IN_PROCESS_URL, timeout
        self.places: tuple[str, ...] = (IN_PROCESS_URL,)
        self._worker = Worker(self._left_behind)

    def _left_behind(self) -> Callable[[], object] | None:
        return None

    def call(self, request: Request) -> Result:
        """The answer to *request*; whatever it raises is a crash."""
        raise NotImplementedError

    def send(self, request: Request) -> Result:
        """The answer to *request*, or why there is none."""
        return self._worker.run(lambda: self.call(request), self._timeout)

    def close(self) -> None:
        """Ends the thread."""
        self._worker.stop()


class CallableTarget(TargetInProcess):
    """Calls *function* with each request; anything but an Answer or a Failure counts as a crash."""

    def __init__(self, function: Callable[[Request], Any], name: str, timeout: float) -> None:
        super().__init__(name, timeout)
        self._function = function

    def call(self, request: Request) -> Result:
        """The return value of the function."""
        value = self._function(request)
        if inspect.isawaitable(value):
            value = asyncio.run(awaited(value))
        if isinstance(value, Answer | Failure):
            return value
        return Failure("crash", f"the target returned a {type(value).__name__}, not an Answer")


async def awaited(value: Any) -> Any:
    """The result of any awaitable: a loop runs coroutines only."""
    return await value
