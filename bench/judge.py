"""The judge of providers: exchanges per second on one core, from the first number on, with cold caches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from figures import Figure, MeasuringError
from traffic import read, record


@dataclass(frozen=True)
class Job:
    """Traffic to be judged, and how many exchanges per second are claimed."""

    name: str
    format: str
    amount: int
    distinct: int
    goal: int | None
    posts: int = 0


JOBS = (
    Job("JSON, 10,000 numbers", "json", 100_000, 10_000, 15_000),
    Job("XML, 10,000 numbers", "xml", 100_000, 10_000, 8_000),
    Job("JSON, every number new", "json", 20_000, 20_000, 4_000),
    Job("XML, every number new", "xml", 20_000, 20_000, None),
    Job("JSON, 10,000 numbers, each by GET and by POST", "json", 40_000, 10_000, None, posts=4),
)


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Each job *rounds* times. Raises MeasuringError."""
    figures = []
    for job in JOBS:
        say(f"judge: making traffic, {job.name}")
        traffic = record(job.format, job.amount, job.distinct, posts=job.posts)
        rates = []
        for turn in range(rounds):
            say(f"judge: {job.name}, round {turn + 1} of {rounds}")
            rates.append(_rates(read(traffic)))
        figures.append(_figure(job, rates))
    return figures


def _figure(job: Job, rates: list[tuple[float, float]]) -> Figure:
    whole, rest = median(rate for rate, _ in rates), median(rate for _, rate in rates)
    best = max(rate for rate, _ in rates)
    beside = f"{job.amount:,} exchanges from cold caches on; best round {best:,.0f}/s; last quarter alone {rest:,.0f}/s"
    return Figure("judge", job.name, whole, "/s", None if job.goal is None else (">=", job.goal), beside)


def _rates(chunks: Iterable[list[Any]]) -> tuple[float, float]:
    """Exchanges per second of CPU time: of all, and of the last quarter alone."""
    spent: list[tuple[int, float]] = []
    provider = _new_judge()
    for chunk in chunks:
        begun = time.process_time()
        for exchange in chunk:
            provider(exchange)
        spent.append((len(chunk), time.process_time() - begun))
    return _rate(spent), _rate(spent[-max(1, len(spent) // 4) :])


def _rate(spent: list[tuple[int, float]]) -> float:
    return sum(amount for amount, _ in spent) / sum(seconds for _, seconds in spent)


def _new_judge() -> Callable[[Any], object]:
    """A judge that has seen no number yet: the caches of libphonenumber's work belong to the whole process."""
    from ni_contract.contract import numbering
    from ni_contract.exchanges.credentials import Credentials
    from ni_contract.judge import Judge

    for cached in (numbering._interpret, numbering.national_layout):
        clear = getattr(cached, "cache_clear", None)
        if clear is None:
            raise MeasuringError(f"{cached} has no cache to clear any more: bench/judge.py has to follow")
        clear()
    return Judge(Credentials()).provider
