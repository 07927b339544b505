"""Clauses about the rate limit: they need a burst of requests and the time of each."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BUSY, most_served
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import SERVER_ERROR, TOO_MANY_REQUESTS
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.clauses.observed_status import http_status_of, outcome_of, status_of
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.context import EvaluationContext

Throttled = tuple[str, Exchange, Finding | None]


@dataclass(frozen=True, slots=True)
class Burst:
    """Requests in the order sent with the status of each, to an account of *rate* requests a second."""

    readings: list[EvaluationContext]
    statuses: list[int | None]
    rate: int


ThrottleCheck = Callable[[Burst], list[Throttled]]
THROTTLE: Final[Stage[ThrottleCheck]] = Stage()


def judge_throttle(readings: list[EvaluationContext], rate: int) -> list[Throttled]:
    """The results for a burst to an account of *rate* requests a second, in the order sent."""
    burst = Burst(readings, [status_of(reading) for reading in readings], rate)
    return list(chain.from_iterable(check(burst) for check in THROTTLE.distinct))


@clause("NIB-REL-010", THROTTLE)
def busy(burst: Burst) -> list[Throttled]:
    """Status 1 comes once more than *rate* valid requests were sent within a second, and not before."""
    readings, statuses, rate = burst.readings, burst.statuses, burst.rate
    if crashed := _crash_beyond(burst):
        expected = f"status 1 once {rate} requests were sent in a second"
        return [("NIB-REL-010", crashed.exchange, Finding("HTTP status", expected, outcome_of(crashed)))]
    if too_many := _most_served(burst):
        served, seconds, last = too_many
        expected = f"1 for some of {served} requests within {seconds} s, at {rate} a second"
        for reading in readings:
            if http_status_of(reading) == TOO_MANY_REQUESTS:
                return [("NIB-REL-010", reading.exchange, Finding("status", expected, outcome_of(reading)))]
        return [("NIB-REL-010", last, Finding("status", expected, "none of them was answered with status 1"))]
    for index, reading in enumerate(readings):
        if statuses[index] == BUSY:
            expected = f"status 1 after {rate} requests in a second"
            return [("NIB-REL-010", reading.exchange, _difference(expected, index >= rate, f"after {index}"))]
    return []


def _crash_beyond(burst: Burst) -> EvaluationContext | None:
    """The first crash less than a second after the request that stands *rate* places before it."""
    for first, last in zip(burst.readings, burst.readings[burst.rate :], strict=False):
        seconds = (last.exchange.sent_at or 0.0) - (first.exchange.sent_at or 0.0)
        if _is_crash(last) and seconds < 1:
            return last
    return None


def _is_crash(reading: EvaluationContext) -> bool:
    """Whether a right request is answered with HTTP 5xx."""
    is_right = reading.credential.valid is not False and reading.meaning.problem is None
    return is_right and (http_status_of(reading) or 0) >= SERVER_ERROR


def _difference(expected: str, holds: bool, status: object) -> Finding | None:
    if holds:
        return None
    return Finding("status", expected, str(status))


def _most_served(burst: Burst) -> tuple[int, int, Exchange] | None:
    """The number of requests that no limit of *rate* lets pass in so many seconds, these, and the last request.

    A request arrives before the next one is sent.
    """
    times = [(reading.exchange.sent_at or 0.0, reading.exchange) for reading in burst.readings]
    passed = [
        (sent, next_sent, exchange)
        for (sent, exchange), (next_sent, _), status in zip(times, times[1:], burst.statuses, strict=False)
        if status not in (BUSY, BAD_CREDENTIALS)
    ]
    for first, (sent, _, _) in enumerate(passed):
        for last, (_, arrived, exchange) in enumerate(passed[first:], 1):
            if last > most_served(burst.rate, arrived - sent):
                return last, int(arrived - sent) + 1, exchange
    return None


@clause("NIB-REL-011", THROTTLE)
def served_again(burst: Burst) -> list[Throttled]:
    readings, statuses = burst.readings, burst.statuses
    if BUSY not in statuses:
        return []
    first = statuses.index(BUSY)
    for before, after, status in zip(readings[first:], readings[first + 1 :], statuses[first + 1 :], strict=False):
        sent, again = before.exchange.sent_at, after.exchange.sent_at
        if sent is not None and again is not None and again - sent > 1:
            return [("NIB-REL-011", after.exchange, _difference("0 once a second has passed", status == 0, status))]
    return []


@clause("NIB-REL-014", THROTTLE)
def order(burst: Burst) -> list[Throttled]:
    """A request between two busy answers met a full window: its status shows which check comes first."""
    readings, statuses = burst.readings, burst.statuses
    judged: list[Throttled] = []
    for index in range(1, len(readings) - 1):
        if statuses[index - 1] == statuses[index + 1] == BUSY:
            expected = _first_refusal(readings[index])
            if expected is not None:
                finding = _difference(str(expected), statuses[index] == expected, statuses[index])
                judged.append(("NIB-REL-014", readings[index].exchange, finding))
    return judged


def _first_refusal(reading: EvaluationContext) -> int | None:
    if reading.credential.valid is False:
        return 4
    if reading.meaning.problem is not None:
        return BUSY
    return None
