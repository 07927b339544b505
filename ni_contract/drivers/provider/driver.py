"""Drives a provider: sends the vectors, then a burst where a rate is declared, and keeps every exchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.target import Target
from ni_contract.drivers.provider.vectors import Vector, applies, build, build_request, lookup_vectors
from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import redact_url
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request, header

BUSY = 1
BUSY_PAUSE_SECONDS = 1.1
MAX_BUSY_PAUSES = 60
RETRIES = 2
FAILURES_IN_A_ROW = 3
_FATAL_AT_FIRST = ("refused", "name", "tls", "timeout", "protocol", "reset")


@dataclass(frozen=True, slots=True)
class Sent:
    """An exchange and the vector it came from."""

    vector: Vector
    exchange: Exchange


@dataclass(slots=True)
class Driver:
    """Sends requests to *target* with pacing (at most *rate* a second), patience for Busy, and a count."""

    target: Target
    account: Credentials
    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    requests: int = 0
    busy: list[Exchange] = field(default_factory=list)
    _next: float = 0.0
    _failures: int = 0

    def send(self, request: Request, origin: str) -> Exchange:
        """One exchange, paced. Raises HarnessError once the target has stopped answering."""
        self._pace()
        sent_at = self.clock()
        self.requests += 1
        exchange = Exchange(request, self.target.send(request), origin, sent_at)
        self._watch(exchange)
        return exchange

    def _pace(self) -> None:
        if self.rate:
            now = self.clock()
            if now < self._next:
                self.sleep(self._next - now)
            self._next = max(now, self._next) + 1 / self.rate

    def _watch(self, exchange: Exchange) -> None:
        failed = isinstance(exchange.answer, Failure)
        self._failures = self._failures + 1 if failed else 0
        if isinstance(exchange.answer, Failure) and self._failures >= FAILURES_IN_A_ROW:
            raise HarnessError(
                f"the target stopped answering after {self.requests} requests: {exchange.answer.message}"
            )

    def send_patiently(self, build_it: Callable[[], Request], origin: str) -> Exchange:
        """One exchange; an answer Busy is waited out and asked again, a bounded number of times."""
        exchange = self.send(build_it(), origin)
        for _ in range(RETRIES):
            if not is_busy(exchange) or len(self.busy) >= MAX_BUSY_PAUSES:
                return exchange
            self.busy.append(exchange)
            self.sleep(BUSY_PAUSE_SECONDS)
            exchange = self.send(build_it(), origin)
        return exchange

    def send_vector(self, vector: Vector) -> Sent:
        """The exchange of *vector*."""
        target, account = self.target, self.account
        exchange = self.send_patiently(
            lambda: build(vector, target.base_url, account, self.clock()), f"vector {vector.id}"
        )
        return Sent(vector, exchange)


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
    """The vectors that *claims* allow, in order, and behind them those that the user *kept*."""
    return [v for v in (*lookup_vectors(), *kept) if claims.covers(v.needs) and applies(v, account)]


def run_vectors(driver: Driver, vectors: Iterable[Vector], sent: list[Sent], progress: Callable[[], None]) -> None:
    """Sends *vectors* and appends to *sent*, so that nothing is lost when it raises; *progress* is called after each.

    Raises HarnessError when the first exchange shows that there is no provider to judge.
    """
    for vector in vectors:
        result = driver.send_vector(vector)
        if not sent:
            refuse_unusable(result.exchange)
        sent.append(result)
        progress()


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


def run_burst(driver: Driver, rate: int, fields: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """More requests in a second than *rate* permits, what is refused first while busy, and one request a second later.

    *fields* are the requests of a lookup ("served"), one with wrong credentials and one without number.
    """
    unpaced = Driver(driver.target, driver.account, None, driver.sleep, driver.clock)

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
