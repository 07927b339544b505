"""Drives a provider: sends the vectors, then a burst where a rate is declared, and keeps every exchange."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.contract.features import Claims
from ni_contract.contract.vocabulary import BUSY
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.growth import Growth
from ni_contract.drivers.provider.liveness import Liveness
from ni_contract.drivers.provider.target import CLOSED, Concurrent, Reconnecting, Target
from ni_contract.drivers.provider.vectors import Vector, applies, build_request, lookup_vectors
from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.sending import Result, failure_kind
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request, header

BUSY_PAUSE_SECONDS = 1.1
MAX_BUSY_PAUSES = 60
RETRIES = 2
# The share of the rate at which a target without a declared rate answered Busy; used from then on.
_SHARE_OF_RATE: Final = 0.8
_SECOND: Final = 1.0
# A server with a single connection delays the others: a slow request is sent again over one connection.
_PATIENCE_SECONDS: Final = 3.0
_SLOW_SECONDS: Final = 0.02
_FATAL_AT_FIRST = ("refused", "name", "tls", "timeout", "protocol", "reset")


@dataclass(frozen=True, slots=True)
class Sent:
    """An exchange and the vector it came from."""

    vector: Vector
    exchange: Exchange


class TimeIsUp(Exception):
    """The error of a run whose time is over."""


Build = Callable[[], Request]


@dataclass(slots=True)
class _UnderWay:
    """A request that was sent, and the function that waits for its answer, once."""

    build_it: Build
    origin: str
    request: Request
    sent_at: float
    wait: Callable[[], Result]
    _result: Result | None = None

    def exchange(self) -> Exchange:
        """The request with its answer, or with why there is none."""
        if self._result is None:
            self._result = self.wait()
        return Exchange(self.request, self._result, self.origin, self.sent_at)


@dataclass(slots=True)
class Driver:
    """Sends requests to *target* at most *rate* a second, waits out Busy, and counts.

    *jobs* is how many requests may be under way at once; it doubles, up to *max_jobs*, where answers are slow and come
    together. *deadline* is the moment of `RealClock.monotonic` after which nothing more is sent. *progress* is called
    for each exchange. *busy* are the answers Busy that were waited out, *late* the exchanges that timed out and whose
    repetition did not. *asked* are all requests that were built, with their fields.
    """

    target: Target
    account: Credentials
    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    jobs: int = 1
    max_jobs: int = 1
    deadline: float = math.inf
    progress: Callable[[int], None] = lambda _count: None
    requests: int = 0
    busy: list[Exchange] = field(default_factory=list)
    late: list[Exchange] = field(default_factory=list)
    asked: dict[Request, Fields] = field(default_factory=dict)
    _next: float = 0.0
    pauses: int = 0
    _paused: float = 0.0
    _growth: Growth = field(default_factory=Growth)
    _concurrent: Concurrent | None = field(init=False)
    _liveness: Liveness = field(init=False)
    _under_way: deque[_UnderWay] = field(default_factory=deque)
    _served_at: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))

    def __post_init__(self) -> None:
        # Once, for asking for a protocol takes a tenth of the time of a request in this process.
        self._concurrent = self.target if isinstance(self.target, Concurrent) else None
        self._liveness = Liveness(self._send_again, self.sleep)

    def send(self, request: Request, origin: str) -> Exchange:
        """One exchange, paced. Raises HarnessError once the target has stopped answering, and TimeIsUp."""
        self._pace()
        exchange = self._begin(lambda: request, origin).exchange()
        if isinstance(exchange.answer, Failure) and self._under_way:
            exchange = self._asked_alone(exchange, lambda: request)
        return self._taken(exchange)

    def _begin(self, build_it: Build, origin: str, seconds: float = math.inf) -> _UnderWay:
        """Raises TimeIsUp where no time is left."""
        left = self.deadline - RealClock.monotonic()
        if left <= 0:
            raise TimeIsUp
        sent_at, request = self.clock(), build_it()
        return _UnderWay(build_it, origin, request, sent_at, self._start(request, min(left, seconds)))

    def _start(self, request: Request, seconds: float) -> Callable[[], Result]:
        if self._concurrent is not None:
            return self._concurrent.start(request, seconds)
        return lambda: self.target.send(request)

    def _taken(self, exchange: Exchange) -> Exchange:
        """*exchange*, counted. Raises HarnessError once the target has stopped answering, and TimeIsUp."""
        self.requests += 1
        if isinstance(exchange.answer, Failure) and self.deadline <= RealClock.monotonic():
            raise TimeIsUp
        self.progress(1)
        if not is_busy(exchange):
            self._served_at.append(exchange.sent_at or 0.0)
        return self._asked_of_new_server(exchange)

    def _pace(self) -> None:
        if self.rate:
            now = self.clock()
            if now < self._next:
                self.sleep(self._next - now)
            self._next = max(now, self._next) + 1 / self.rate

    def _asked_of_new_server(self, exchange: Exchange) -> Exchange:
        """*exchange*, or where its server has ended and another listens now, the request sent again to that one."""
        if not self._liveness.watch(exchange, self.requests, lambda: [other.exchange() for other in self._under_way]):
            return exchange
        again = self._begin(lambda: exchange.request, exchange.origin).exchange()
        is_failure = isinstance(again.answer, Failure)
        return replace(again, answer=Failure("reset", CLOSED.message)) if is_failure else again

    def _send_again(self, request: Request) -> Result:
        self.requests += 1
        return self.target.send(request)

    def send_patiently(self, build_it: Build, origin: str) -> Exchange:
        """One exchange; an answer Busy is waited out and the request sent again, a bounded number of times."""
        return self._waited_out(self.send(build_it(), origin), build_it)

    def ask(self, fields: Fields, origin: str) -> Exchange:
        """The exchange of the request that *fields* describe, sent patiently."""
        return self.send_patiently(partial(self.build, fields), origin)

    def _waited_out(self, exchange: Exchange, build_it: Build) -> Exchange:
        pauses = [True] * RETRIES
        if not self.rate:
            # If it is served without a pause, the answer Busy was no matter of the pace.
            pauses.insert(0, False)
        for has_pause in pauses:
            if not is_busy(exchange) or self.pauses >= MAX_BUSY_PAUSES:
                return exchange
            self.busy.append(exchange)
            if has_pause:
                self._slow_down(exchange)
            exchange = self.send(build_it(), exchange.origin)
        return exchange

    def _slow_down(self, busy: Exchange) -> None:
        """Waits, unless *busy* was sent before the last pause, and stays below the rate that the target served."""
        self.pauses += 1
        self.jobs = self.max_jobs = 1
        if (busy.sent_at or 0.0) < self._paused:
            return
        last_second = sum(self.clock() - moment < _SECOND for moment in self._served_at)
        if last_second > 1:
            self.rate = min(self.rate or math.inf, _SHARE_OF_RATE * last_second)
        self.sleep(BUSY_PAUSE_SECONDS)
        self._paused = self.clock()

    def send_all(self, builds: Iterable[tuple[Build, str]]) -> Iterator[Exchange]:
        """The exchanges of *builds* (each with its origin) in their order, up to *jobs* at once."""
        self._growth.begin()
        try:
            for build_it, origin in builds:
                while self._under_way and len(self._under_way) >= self._most_under_way():
                    yield self._end_first()
                if self._most_under_way() > 1:
                    self._under_way.append(self._begin(build_it, origin, _PATIENCE_SECONDS))
                else:
                    yield self.send_patiently(build_it, origin)
            while self._under_way:
                yield self._end_first()
        finally:
            self._under_way.clear()

    def _most_under_way(self) -> int:
        if self.rate or self._concurrent is None:
            return 1
        return self.jobs

    def _end_first(self) -> Exchange:
        """The exchange of the first that is under way; one that fails beside others is asked again alone."""
        first, begun = self._under_way.popleft(), RealClock.monotonic()
        exchange = first.exchange()
        is_slow = RealClock.monotonic() - begun > _SLOW_SECONDS
        self.jobs, self.max_jobs = self._growth.answered(is_slow, self.jobs, self.max_jobs)
        if isinstance(exchange.answer, Failure):
            exchange = self._asked_alone(exchange, first.build_it)
        return self._waited_out(self._taken(exchange), first.build_it)

    def _asked_alone(self, failed: Exchange, build_it: Build) -> Exchange:
        """The exchange when nothing else is under way; if that is answered, the target does not bear several."""
        for other in self._under_way:
            other.exchange()
        kind = failure_kind(failed.answer)
        is_under_way = isinstance(failed.answer, Failure) and failed.answer.under_way
        # A server of one connection is blocked by those that are idle.
        if kind == "timeout" and isinstance(self.target, Reconnecting):
            self.target.reconnect()
        exchange = self._begin(build_it, failed.origin).exchange()
        if failure_kind(exchange.answer) == "refused" and (kind == "reset" or is_under_way):
            return replace(exchange, answer=CLOSED)
        if not isinstance(exchange.answer, Failure):
            self.jobs = self.max_jobs = 1
            if kind == "timeout":
                self.late.append(failed)
        return exchange

    def build(self, fields: Fields) -> Request:
        """The request that *fields* (those of a vector's `request`) describe, to the target, signed now."""
        request = build_request(fields, self.target.base_url, self.account, self.clock())
        self.asked[request] = fields
        return request

    def build_of(self, vector: Vector) -> tuple[Build, str]:
        """The function that builds the request of *vector*, signed at the time of sending, and its origin."""
        return lambda: self.build(vector.request), f"vector {vector.id}"

    def send_vector(self, vector: Vector) -> Sent:
        return Sent(vector, self.send_patiently(*self.build_of(vector)))


def is_busy(exchange: Exchange) -> bool:
    """Whether the answer is a status 1."""
    return status_of(exchange) == BUSY


def plan(claims: Claims, account: Credentials, kept: Iterable[Vector] = ()) -> list[Vector]:
    """The vectors that *claims* allow, in order, and then the user's own vectors *kept*."""
    return [v for v in (*lookup_vectors(), *kept) if claims.covers(v.needs) and applies(v, account)]


def run_vectors(driver: Driver, vectors: Iterable[Vector], sent: list[Sent]) -> None:
    """Sends *vectors* and appends to *sent*, so that exchanges are kept when it raises.

    Raises HarnessError when the first exchange shows that there is no provider to judge.
    """
    for vectors_ in _parts(vectors):
        for vector, exchange in zip(vectors_, driver.send_all([driver.build_of(v) for v in vectors_]), strict=True):
            if not sent:
                refuse_unusable(exchange)
            sent.append(Sent(vector, exchange))


def _parts(vectors: Iterable[Vector]) -> list[list[Vector]]:
    """*vectors* in parts that may be sent at once; a vector that depends on its position is a part of its own."""
    parts: list[list[Vector]] = [[]]
    for vector in vectors:
        if vector.in_order:
            parts += [[vector], []]
        else:
            parts[-1].append(vector)
    return [part for part in parts if part]


def refuse_unusable(exchange: Exchange) -> None:
    """Raises HarnessError when the first exchange shows that there is no provider to judge."""
    answer = exchange.answer
    if isinstance(answer, Failure) and answer.kind in _FATAL_AT_FIRST:
        raise HarnessError(f"no answer from the target: {answer.message}")
    if isinstance(answer, Answer) and 300 <= answer.http_status < 400:
        where = redact_url(header(answer.headers, "location") or "nowhere").partition("?")[0]
        raise HarnessError(
            f"the target redirects (HTTP {answer.http_status}) to {where}; give the URL that answers itself"
        )
