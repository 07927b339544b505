"""Lookups of a client with the answers to them: the cases of `spec/vectors/client-lookups.json`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ni_contract.contract.spec_files import read_spec
from ni_contract.contract.vocabulary import BUSY
from ni_contract.exchanges.client_lookup import CLOSED, SLOW
from ni_contract.exchanges.gateway import TOO_MANY_REQUESTS
from ni_contract.simulator.script import Step, parse_script

MAX_SLOW_SECONDS: Final = 1.5
MAX_IDLE_SECONDS: Final = 10.0
# How often a client is asked for a slow answer, for none, and for another, as a busy machine may explain its outcome.
MAX_SLOW, MAX_SILENT, MAX_AT_ONCE = 3, 2, 3


@dataclass(frozen=True, slots=True)
class Case:
    """One lookup to ask of a client: number and country, the script of its answers, the features it needs.

    *trusted*: whether the client has to trust the server's certificate. *closed*: whether its ports refuse every
    connection. *other_host*: the name in that certificate, if it is not the server's. *slow*: the part of the time-out
    after which the answer comes; 0 where it comes at once.
    *may_refuse*: whether the number is none, so that a client may change it, or ask nothing. *after*: the id of the
    lookup after which this one is asked of the same process. *again*: the id of the earlier lookup with the same number
    and country, whose answer the client may have kept. *pause*: the part of the time-out for which nothing is asked
    before it. *holds*: whether the answer that did not come before does
    not come during this lookup either.
    """

    id: str
    title: str
    number: str
    country: str | None = None
    script: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    trusted: bool = True
    closed: bool = False
    other_host: str = ""
    slow: float = 0.0
    may_refuse: bool = False
    after: str = ""
    again: str = ""
    pause: float = 0.0
    holds: bool = False

    @property
    def shape(self) -> str | None:
        """The variant in which the answer is written or comes, None for the plain one."""
        if self.slow:
            return SLOW
        if self.closed:
            return CLOSED
        if self.other_host:
            return "other host"
        if self.script:
            return self.script[0].shape
        return None

    @property
    def may_retry(self) -> bool:
        """Whether the answer asks the client to try again, which may take longer."""
        return bool(self.script) and (self.script[0].status == BUSY or self.script[0].http_status == TOO_MANY_REQUESTS)

    @property
    def is_delayed(self) -> bool:
        """Whether the first answer comes after a while."""
        return bool(self.slow or (self.script and self.script[0].delay))

    @property
    def is_silent(self) -> bool:
        """Whether no answer comes, to the first request or to a repeated one, so that the client has to time out."""
        return any(step.fault in ("silence", "stall") for step in self.script)

    @property
    def is_answered_at_once(self) -> bool:
        """Whether the first answer is one of the API, whole and final: the client has no reason to ask again."""
        first = self.script[0] if self.script else Step()
        return (
            self.trusted
            and not self.slow
            and not first.http_status
            and first.fault in (None, "pieces", "segments", "gzip", "capitals", "close")
            and first.status != BUSY
        )

    @property
    def most_asked(self) -> int:
        """How often it is asked at most, as long as the outcome may come from a busy machine."""
        if self.slow:
            return MAX_SLOW
        return MAX_SILENT if self.is_silent else MAX_AT_ONCE

    def idle_seconds(self, timeout: float) -> float:
        """The seconds for which a client with this *timeout*, in seconds, is asked nothing before it."""
        return min(self.pause * timeout, MAX_IDLE_SECONDS)

    def steps(self, timeout: float) -> tuple[Step, ...]:
        """The script for a client that is given *timeout*, in seconds.

        Only the first answer is slow: a client may divide its time-out among several requests.
        """
        if self.slow:
            return (Step(delay=min(self.slow * timeout, MAX_SLOW_SECONDS)),)
        return self.script


def asked_together(case: Case, cases: Sequence[Case]) -> list[Case]:
    """Those of *cases* that the process of *case* is asked, in their order: a case comes behind the one it is after."""
    together = [case]
    while earlier := [one for one in cases if one.id == together[0].after]:
        together[:0] = earlier
    while later := [one for one in cases if one.after == together[-1].id]:
        together += later
    return together


@cache
def client_cases() -> tuple[Case, ...]:
    """All cases, in the order in which they are asked: plain answers before their variants."""
    rows = json.loads(read_spec("vectors/client-lookups.json"))["lookups"]
    return tuple(_case(row) for row in rows)


def _case(row: Mapping[str, Any]) -> Case:
    return Case(**{**row, "script": parse_script(row.get("script", [])), "needs": tuple(row.get("needs", ()))})


def recorded_cases(questions: Iterable[tuple[str, str | None]]) -> tuple[Case, ...]:
    """A case for each number and country of a recording; the replaying simulator chooses the answer."""
    return tuple(_recorded(count, *question) for count, question in enumerate(questions, 1))


def _recorded(count: int, number: str, country: str | None) -> Case:
    needs = ("country",) if country else ()
    return Case(f"recorded-{count}", "asked in the recording", number, country, needs=needs)
