"""Drives a provider: sends the vectors, then a burst where a rate is declared, and keeps every exchange."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, Final

from ni_contract.clock import RealClock
from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.target import Repeatable, Target, Timed
from ni_contract.drivers.provider.vectors import Vector, applies, build, build_request, lookup_vectors
from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.sending import CUT_OFF, Result
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request, header

BUSY = 1
BUSY_PAUSE_SECONDS = 1.1
MAX_BUSY_PAUSES = 60
RETRIES = 2
FAILURES_IN_A_ROW = 3
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
class Driver:
    """Sends requests to *target* at most *rate* a second, waits out Busy, and counts.

    *jobs* is how many requests may be under way at once, *max_jobs* how many where answers are slow. *deadline* is the
    moment of `RealClock.monotonic` after which nothing more is sent. *progress* is called for each exchange.
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
    _next: float = 0.0
    _failures: int = 0
    _sent_at: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))

    def send(self, request: Request, origin: str) -> Exchange:
        """One exchange, paced. Raises HarnessError once the target has stopped answering, and TimeIsUp."""
        self._pace()
        left = self.deadline - RealClock.monotonic()
        if left <= 0:
            raise TimeIsUp
        sent_at = self.clock()
        self.requests += 1
        self._sent_at.append(sent_at)
        exchange = Exchange(request, _send_within(self.target, request, left), origin, sent_at)
        if isinstance(exchange.answer, Failure) and self.deadline <= RealClock.monotonic():
            raise TimeIsUp
        self.progress(1)
        self._watch(exchange)
        return exchange

    def _pace(self) -> None:
        if self.rate:
            now = self.clock()
            if now < self._next:
                self.sleep(self._next - now)
            self._next = max(now, self._next) + 1 / self.rate

    def _watch(self, exchange: Exchange) -> None:
        failed = isinstance(exchange.answer, Failure) and exchange.answer.kind != CUT_OFF
        self._failures = self._failures + 1 if failed else 0
        if isinstance(exchange.answer, Failure) and self._failures >= FAILURES_IN_A_ROW:
            raise HarnessError(
                f"the target stopped answering after {self.requests} requests: {exchange.answer.message}"
            )

    def send_patiently(self, build_it: Build, origin: str) -> Exchange:
        """One exchange; an answer Busy is waited out and the request sent again, a bounded number of times."""
        exchange = self.send(build_it(), origin)
        for _ in range(RETRIES):
            if not is_busy(exchange) or len(self.busy) >= MAX_BUSY_PAUSES:
                return exchange
            self._slow_down(exchange)
            exchange = self.send(build_it(), origin)
        return exchange

    def _slow_down(self, busy: Exchange) -> None:
        """Waits, and lowers the rate below the one that the target refused."""
        self.busy.append(busy)
        self.jobs = 1
        last_second = sum(self.clock() - moment < _SECOND for moment in self._sent_at)
        if self.rate is None and last_second > 1:
            self.rate = _SHARE_OF_RATE * last_second
        self.sleep(BUSY_PAUSE_SECONDS)

    def send_all(self, builds: Sequence[tuple[Build, str]]) -> Iterator[Exchange]:
        """The exchanges of *builds* (each with its origin) in their order, several at once if *jobs* says so."""
        if self.jobs == 1 or self.rate or not isinstance(self.target, Repeatable):
            yield from (self.send_patiently(build_it, origin) for build_it, origin in builds)
            return
        with ExitStack() as stack:
            targets: list[Target] = []
            pool = stack.enter_context(ThreadPoolExecutor(max(self.jobs, self.max_jobs)))
            left = list(builds)
            while left:
                missing = max(0, self.jobs - len(targets))
                targets += [stack.enter_context(closing(self.target.another())) for _ in range(missing)]
                batch, left = left[: self.jobs], left[self.jobs :]
                yield from self._send_batch(batch, targets, pool)

    def _send_batch(
        self, batch: Sequence[tuple[Build, str]], targets: Sequence[Target], pool: ThreadPoolExecutor
    ) -> Iterator[Exchange]:
        """One request over each of *targets*; those that were busy or failed are sent again, one after the other."""
        if self.jobs == 1:
            yield from (self.send_patiently(build_it, origin) for build_it, origin in batch)
            return
        left = self.deadline - RealClock.monotonic()
        if left <= 0:
            raise TimeIsUp
        self.requests += len(batch)
        begun, patience = RealClock.monotonic(), min(left, _PATIENCE_SECONDS)
        sent = [pool.submit(self._send_one, target, one, patience) for target, one in zip(targets, batch, strict=False)]
        exchanges = [future.result() for future in sent]
        self._sent_at.extend(exchange.sent_at or 0.0 for exchange in exchanges)
        if RealClock.monotonic() - begun > _SLOW_SECONDS:
            self.jobs = max(self.jobs, self.max_jobs)
        for (build_it, origin), exchange in zip(batch, exchanges, strict=True):
            if is_busy(exchange):
                self._slow_down(exchange)
            if is_busy(exchange) or isinstance(exchange.answer, Failure):
                self.jobs = 1
                yield self.send_patiently(build_it, origin)
            else:
                self.progress(1)
                self._watch(exchange)
                yield exchange

    def _send_one(self, target: Target, one: tuple[Build, str], left: float) -> Exchange:
        build_it, origin = one
        sent_at = self.clock()
        request = build_it()
        return Exchange(request, _send_within(target, request, left), origin, sent_at)

    def build_of(self, vector: Vector) -> tuple[Build, str]:
        """The function that builds the request of *vector*, signed at the time of sending, and its origin."""
        return lambda: build(vector, self.target.base_url, self.account, self.clock()), f"vector {vector.id}"

    def send_vector(self, vector: Vector) -> Sent:
        """The exchange of *vector*."""
        return Sent(vector, self.send_patiently(*self.build_of(vector)))


def _send_within(target: Target, request: Request, seconds: float) -> Result:
    """The answer of *target*, bounded by *seconds* where it supports that."""
    if isinstance(target, Timed):
        target.timeout_left = seconds
    return target.send(request)


def is_busy(exchange: Exchange) -> bool:
    """Whether the answer is a status 1."""
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return False
    return ParsedResponse(answer, is_xml_path(exchange.request)).status == BUSY


def is_xml_path(request: Request) -> bool:
    """Whether *request* goes to the path that answers in XML."""
    return request.url.partition("?")[0].endswith("/xml")


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


def burst_size(rate: int) -> int:
    """The maximum number of requests that `run_burst` sends to reach and leave a limit of *rate* requests a second."""
    return 2 * rate + 7


def run_burst(driver: Driver, rate: int, fields: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """Sends more requests in a second than *rate* permits, wrong ones while busy, and one request a second later.

    *fields* are the requests of a lookup ("served"), one with wrong credentials and one without number.
    """
    unpaced = Driver(driver.target, driver.account, None, driver.sleep, driver.clock, progress=driver.progress)

    def send(which: str) -> Exchange:
        request = build_request(fields[which], driver.target.base_url, driver.account, driver.clock())
        return unpaced.send(request, "burst")

    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges = []
    for _ in range(2 * rate + 2):
        exchanges.append(send("served"))
        if is_busy(exchanges[-1]):
            exchanges.extend(send(which) for which in ("credentials", "served", "number", "served"))
            break
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges.append(send("served"))
    driver.requests += unpaced.requests
    return exchanges
