"""Asks a client for one lookup after the other and records, at the simulator, the exchanges of each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.contract.numbering import interpret
from ni_contract.drivers.client.cases import Case
from ni_contract.drivers.client.patience import MAX_REQUESTS, Patience
from ni_contract.exchanges.client_features import features_seen
from ni_contract.exchanges.client_lookup import GRACE_SECONDS, Lookup, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import Interrupted
from ni_contract.simulator.script import Script

# A client that is asked to try again later may wait in between.
RETRY_SECONDS: Final = 20.0
# A client without outcomes in its first lookups is not asked for the others.
HOPELESS_AFTER: Final = 3

# Asks the client; the second argument bounds the wait.
Ask = Callable[[Lookup, Patience], Outcome | MissingOutcome]


@dataclass(slots=True)
class LookupWatch:
    """Takes in what a simulator records, lookup by lookup. A request belongs to the lookup with its number.

    A client may send more requests about a number after its outcome: they do not belong to the next lookup.
    *interrupted* is the signal that ended the watching early, if any; *left_out* counts the lookups for which the time
    of the run was too short.
    """

    interrupted: Interrupted | None = None
    left_out: int = 0
    _owners: dict[str, int] = field(default_factory=dict)
    _kept: list[list[Exchange]] = field(default_factory=list)

    def begin(self, lookup: Lookup) -> Sequence[Exchange]:
        """Begins the next lookup and returns its exchanges; those that come are appended to them."""
        facts = interpret(lookup.number, lookup.country).facts
        names = [lookup.number]
        if facts is not None:
            names.append(facts.international)
        for name in names:
            self._owners[_digits(name)] = len(self._kept)
        self._kept.append([])
        return self._kept[-1]

    def record(self, exchange: Exchange) -> None:
        """Appends one exchange; before the first lookup it belongs to none."""
        if self._kept:
            number = _digits(parse_request(exchange.request).get("number") or "")
            kept = self._kept[self._owners.get(number, len(self._kept) - 1)]
            if len(kept) < MAX_REQUESTS:
                kept.append(exchange)

    def exchanges(self) -> Iterable[tuple[Exchange, ...]]:
        """The exchanges of each lookup so far, in their order."""
        return (tuple(kept) for kept in self._kept)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


@dataclass(frozen=True, slots=True)
class ClientStage:
    """A function that asks a client, the script of the answers, and the watch of the client's requests.

    *printed* returns what the client printed since the last call beside its outcomes.
    """

    ask: Ask
    script: Script
    watch: LookupWatch
    printed: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Opens a stage of its own for one lookup, whose server is vouched for by the client's CA, or not.

    *beside*: the client may be asked there while it is asked on another stage.
    """

    open: Callable[[bool], AbstractContextManager[ClientStage]]
    beside: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    case: Case
    lookup: Lookup
    reported: Outcome | MissingOutcome
    exchanges: Sequence[Exchange]
    printed: str = field(default="", repr=False)

    def record(self) -> LookupRecord:
        case = self.case
        seen = tuple(self.exchanges)
        return LookupRecord(case.id, self.lookup, self.reported, seen, case.shape, case.trusted, self.printed)


def drive(
    stage: ClientStage,
    cases: Iterable[Case],
    timeout: float,
    without: frozenset[str] = frozenset(),
    progress: Callable[[], None] = lambda: None,
    elsewhere: Elsewhere | None = None,
    max_seconds: float = math.inf,
) -> tuple[LookupRecord, ...]:
    """The lookups of *cases*, but for those that need a feature in *without*, or one that the client does not show.

    *timeout*: seconds that the client is told to wait for an answer. Ends early where the client reports no outcome,
    after *max_seconds*, and at a signal; the watch of *stage* has the reason.
    """
    driver = _Driver(stage, timeout, elsewhere, RealClock.monotonic() + max_seconds)
    with ThreadPoolExecutor() as pool:
        try:
            driver.drive(tuple(case for case in cases if without.isdisjoint(case.needs)), pool, progress)
        except Interrupted as interrupted:
            stage.watch.interrupted = interrupted
        finally:
            driver.stop()
    stage.script.clear()
    return tuple(one.record() for one in driver.asked)


class _Driver:
    """The state of one run: lookups asked so far, lookups under way in parallel, and the reason of the end."""

    def __init__(self, stage: ClientStage, timeout: float, elsewhere: Elsewhere | None, end: float) -> None:
        self.asked: list[_Asked] = []
        self.end = end
        self._stage, self._timeout, self._elsewhere = stage, timeout, elsewhere
        self._beside: dict[str, Future[_Asked]] = {}
        self._answers = Event()
        self._seen: frozenset[str] = frozenset()

    def stop(self) -> None:
        """Ends the parallel lookups."""
        self.end = 0.0
        self._answers.set()

    def drive(self, cases: Sequence[Case], pool: ThreadPoolExecutor, progress: Callable[[], None]) -> None:
        """Asks *cases* in their order."""
        self._start_silent(cases, pool)
        for case in cases:
            if self._is_asked(case):
                self._take(case)
            progress()
            if self._is_hopeless():
                return
            if any(isinstance(one.reported, Outcome) for one in self.asked[:1]):
                self._answers.set()

    def _start_silent(self, cases: Iterable[Case], pool: ThreadPoolExecutor) -> None:
        """Starts the stages of the lookups that get no answer; they are asked in parallel with the others."""
        if self._elsewhere is not None and self._elsewhere.beside:
            for case in cases:
                if case.is_silent:
                    self._beside[case.id] = Future()
                    pool.submit(self._ask_beside, self._elsewhere, case, self._beside[case.id])

    def _ask_beside(self, elsewhere: Elsewhere, case: Case, asked: Future[_Asked]) -> None:
        """Asks *case* once the client has answered its first lookup. The result does not wait for the stage's end."""
        try:
            with elsewhere.open(case.trusted) as stage:
                self._answers.wait()
                if self.end:
                    asked.set_result(self._ask(stage, case))
        except BaseException as error:
            if asked.done():
                raise
            asked.set_exception(error)

    def _is_asked(self, case: Case) -> bool:
        """Whether the client supports what *case* needs; for a country that is not known before the first such case."""
        return {name for name in case.needs if name != "country"} <= self._seen

    def _take(self, case: Case) -> None:
        if RealClock.monotonic() >= self.end:
            self._stage.watch.left_out += 1
            return
        one = self._outcome(case)
        self._seen |= features_seen(one.exchanges)
        is_unfinished = RealClock.monotonic() >= self.end and isinstance(one.reported, MissingOutcome)
        if is_unfinished and len(one.exchanges) < MAX_REQUESTS:
            self._stage.watch.left_out += 1
        else:
            self.asked.append(one)

    def _outcome(self, case: Case) -> _Asked:
        if not case.trusted and self._elsewhere is not None:
            return self._ask_elsewhere(self._elsewhere, case)
        beside = self._beside.get(case.id)
        if beside is not None and self._answers.is_set() and (one := beside.result()).exchanges:
            return one
        # Without a request: perhaps the command may run only once.
        return self._ask(self._stage, case)

    def _ask_elsewhere(self, elsewhere: Elsewhere, case: Case) -> _Asked:
        with elsewhere.open(case.trusted) as stage:
            return self._ask(stage, case)

    def _ask(self, stage: ClientStage, case: Case) -> _Asked:
        lookup = Lookup(case.number, case.country, self._timeout)
        stage.script.set(case.script)
        exchanges = stage.watch.begin(lookup)
        seconds = self._timeout + GRACE_SECONDS + (RETRY_SECONDS if case.may_retry else 0)
        patience = Patience(seconds, lambda: len(exchanges), lambda: self.end)
        told = stage.ask(lookup, patience)
        return _Asked(case, lookup, told, exchanges, stage.printed())

    def _is_hopeless(self) -> bool:
        """Whether the first lookups all had no outcome; the first alone suffices if it used up its time."""
        told = [one.reported for one in self.asked]
        if not told or not all(isinstance(one, MissingOutcome) for one in told):
            return False
        first = told[0]
        is_idle = isinstance(first, MissingOutcome) and first.kind == "late" and not self.asked[0].exchanges
        return len(told) == HOPELESS_AFTER or (len(told) == 1 and is_idle)
