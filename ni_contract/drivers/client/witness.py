"""Asks a client for one lookup after the other and records, at the simulator, the exchanges of each."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.drivers.client.asked_lookup import AskedLookup, kept_exchanges
from ni_contract.drivers.client.cases import Case, asked_together
from ni_contract.drivers.client.patience import FIRST_SECONDS, HURRIED, MAX_REQUESTS, RETRY_SECONDS, Patience
from ni_contract.drivers.client.stage import ClientStage, Elsewhere
from ni_contract.exchanges.client_features import features_seen
from ni_contract.exchanges.client_lookup import (
    GRACE_SECONDS,
    LATE_SECONDS,
    Lookup,
    LookupRecord,
    MissingOutcome,
    Outcome,
)
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import Interrupted

# A client without outcomes in its first lookups is not asked for the others.
HOPELESS_AFTER: Final = 3
# A client that withholds a request (a rate limit or a circuit breaker of its own) is asked again after these pauses.
PAUSES: Final = (1.1, 2.0)
MAX_PAUSE_SECONDS: Final = 15.0  # in a run
# A client that withheld as many requests in spite of that is not asked again any more: it refuses these numbers.
MAX_WITHHELD: Final = 3
# A client that gives up at once may report this much earlier than its request is recorded.
RECORD_SECONDS: Final = 1.0
# A client without a success is not asked any more after this time.
FRUITLESS_SECONDS: Final = 30.0
# After as many lookups without a request none is waited for: a client that asks nothing would cost that each time.
MAX_WITHOUT_REQUEST: Final = 3
_LOOK_SECONDS: Final = 0.02


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
        self.asked: list[AskedLookup] = []
        self.end = end
        self._stage, self._timeout, self._elsewhere = stage, timeout, elsewhere
        self._beside: dict[str, Future[AskedLookup]] = {}
        self._answers = Event()
        self._seen: frozenset[str] = frozenset()
        # Requests without a success since the last one.
        self._failed = 0
        self._paused, self._began = 0.0, RealClock.monotonic()
        self._withheld = self._without_request = self._late = 0

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
            if self.asked and not self.asked[0].is_missing:
                self._answers.set()
        self._end_client()

    def _end_client(self) -> None:
        """Ends the client. What it prints then belongs to its last lookup."""
        if self._stage.restart is not None and self.asked:
            self._stage.restart()
            last, record = self.asked[-1], self.asked[-1].without_exchanges
            whole = replace(record, printed=record.printed + self._stage.printed())
            self.asked[-1] = replace(last, without_exchanges=whole)

    def _start_silent(self, cases: Sequence[Case], pool: ThreadPoolExecutor) -> None:
        """Starts the stages of the lookups that wait for an answer; they are asked in parallel with the others."""
        if self._elsewhere is None or not self._elsewhere.beside:
            return
        for case in cases:
            if (case.is_silent or case.slow) and case.id not in self._beside:
                together = asked_together(case, cases)
                self._beside |= {one.id: Future() for one in together}
                pool.submit(self._ask_beside, self._elsewhere, together)

    def _ask_beside(self, elsewhere: Elsewhere, cases: Sequence[Case]) -> None:
        """Asks *cases* once the client has answered its first lookup. The results do not wait for the stage's end."""
        try:
            with elsewhere.open(cases[0]) as stage:
                self._answers.wait()
                for case in cases:
                    if self.end:
                        self._beside[case.id].set_result(self._ask_timed(stage, case))
        except BaseException as error:
            left = [self._beside[case.id] for case in cases if not self._beside[case.id].done()]
            if not left:
                raise
            for asked in left:
                asked.set_exception(error)

    def _is_asked(self, case: Case) -> bool:
        """Whether the client supports what *case* needs; for a country that is not known before the first such case."""
        is_supported = {name for name in case.needs if name != "country"} <= self._seen
        return is_supported and (not case.closed or self._runs_twice())

    def _runs_twice(self) -> bool:
        """Whether another process of the client asks something: the end of one that may not run shows nothing."""
        beside = self._beside.values()
        return not beside or (self._answers.is_set() and any(one.result().exchanges for one in beside))

    def _take(self, case: Case) -> None:
        if RealClock.monotonic() >= self.end or self._is_fruitless():
            self._stage.watch.left_out += 1
            return
        one = self._outcome(case)
        self._seen |= features_seen(one.exchanges)
        is_unfinished = RealClock.monotonic() >= self.end and one.is_missing
        if self._is_by_its_state(one):
            self._stage.watch.withheld += 1
        elif is_unfinished and len(one.exchanges) < MAX_REQUESTS:
            self._stage.watch.left_out += 1
        else:
            self.asked.append(one)
        self._count_failures(one)

    def _is_fruitless(self) -> bool:
        """Whether the client reported no success for so long that the other lookups would show nothing new."""
        is_over = RealClock.monotonic() > self._began + FRUITLESS_SECONDS
        self._stage.watch.fruitless = is_over and not any(one.is_success for one in self.asked)
        return self._stage.watch.fruitless

    def _count_failures(self, one: AskedLookup) -> None:
        if one.is_success:
            self._failed = 0
        else:
            self._failed += max(1, len(one.exchanges))

    def _outcome(self, case: Case) -> AskedLookup:
        if not case.trusted and self._elsewhere is not None:
            return self._ask_elsewhere(self._elsewhere, case)
        beside = self._beside.get(case.id)
        if beside is not None and self._answers.is_set():
            one = beside.result()
            if one.exchanges or self._is_after_one_failure(case):
                return one
        # Without a request: perhaps the command may run only once.
        return self._ask_again(self._ask_timed(self._stage, case))

    def _is_after_one_failure(self, case: Case) -> bool:
        """Whether the same process reported one failed request before: it has to go on asking."""
        before = self._beside.get(case.after)
        return before is not None and len(before.result().exchanges) == 1 and not before.result().is_missing

    def _ask_again(self, one: AskedLookup) -> AskedLookup:
        """The lookup *one*, asked again where the client withheld it: by a new process, or after a pause.

        After a single failure it gets no new process: a client that is broken by it may not hide behind one.
        """
        for pause in PAUSES:
            if not self._may_have_a_state(one):
                break
            self._renew(pause, one.case)
            one = self._ask(self._stage, one.case)
            self._withheld += one.is_withheld
            self._stage.watch.resumed += bool(one.exchanges)
        return one

    def _may_have_a_state(self, one: AskedLookup) -> bool:
        # After a success and a pause, no breaker is open and no limit is reached.
        is_rested = one.case.pause and not self._failed
        if is_rested or (self._withheld >= MAX_WITHHELD and self._stage.restart is not None):
            return False
        return one.is_withheld and any(other.exchanges for other in self.asked) and RealClock.monotonic() < self.end

    def _renew(self, seconds: float, case: Case) -> None:
        """Starts the client anew; waits where a single failure, or a number that it knows, is why it asks nothing."""
        is_known = any(case.number == other.case.number for other in self.asked)
        is_of_one_lookup = self._failed == 1 or (self._failed == 0 and is_known)
        if not is_of_one_lookup and self._stage.restart is not None:
            self._stage.restart()
        elif self._paused < MAX_PAUSE_SECONDS:
            self._paused += seconds
            RealClock.sleep(seconds)

    def _is_by_its_state(self, one: AskedLookup) -> bool:
        """Whether the client now withholds its first lookup as well, and no new process is to be had."""
        is_possible = self._stage.restart is None and self._failed != 1 and self._may_have_a_state(one)
        return is_possible and self._ask(self._stage, self.asked[0].case).is_withheld

    def _ask_elsewhere(self, elsewhere: Elsewhere, case: Case) -> AskedLookup:
        """The lookup *case*; asked twice, since a client may trust any certificate once it has met a wrong one."""
        with elsewhere.open(case) as stage:
            one = self._ask(stage, case)
            return one if one.exchanges or case.closed else self._ask(stage, case)

    def _ask(self, stage: ClientStage, case: Case) -> AskedLookup:
        lookup = Lookup(case.number, case.country, self._timeout)
        RealClock.sleep(case.idle_seconds(self._timeout))
        stage.script.set(case.steps(self._timeout), releases=not case.holds)
        exchanges = stage.watch.begin(lookup)
        patience = self._patience(case, exchanges)
        began = RealClock.monotonic()
        told = stage.ask(lookup, patience)
        stage.watch.claim()
        ended = RealClock.monotonic()
        waited = ended - max(began, stage.watch.latest)
        self._await_record(case, exchanges, told)
        if case.again and not exchanges:
            exchanges = kept_exchanges(case, told, self.asked) or exchanges
        record = LookupRecord(
            case.id,
            lookup,
            told,
            shape=case.shape,
            trusted=case.trusted,
            printed=stage.printed(),
            waited=waited,
            before_outcome=len(exchanges),
            may_refuse=case.may_refuse,
            tls_fault=stage.watch.tls_fault,
            unread=stage.watch.unread,
            hurried=patience.seconds < self._timeout + GRACE_SECONDS,
        )
        asked = AskedLookup(case, record, exchanges, ended - began)
        self._late += asked.is_late
        return asked

    def _patience(self, case: Case, exchanges: Sequence[Exchange]) -> Patience:
        """The wait for the outcome."""
        hurried = [seconds for times, seconds in HURRIED if self._late >= times]
        if not hurried or case.is_silent or case.slow:
            seconds = self._timeout + GRACE_SECONDS + case.may_retry * RETRY_SECONDS
            return Patience(seconds, lambda: len(exchanges), lambda: self.end)
        patience = Patience(hurried[0], lambda: len(exchanges), lambda: self.end)
        if self._without_request < MAX_WITHOUT_REQUEST:
            patience.allow(FIRST_SECONDS)
        return patience

    def _ask_timed(self, stage: ClientStage, case: Case) -> AskedLookup:
        """The lookup *case*, asked again as long as its outcome may come from a busy machine."""
        one = self._ask(stage, case)
        for _ in range(case.most_asked - 1):
            if not one.is_doubtful or RealClock.monotonic() >= self.end:
                break
            again = self._ask(stage, case)
            if again.exchanges:
                one = again
        return one

    def _await_record(self, case: Case, exchanges: Sequence[Exchange], told: Outcome | MissingOutcome) -> None:
        """Waits for an answer to be sent to a client that gave up on it: a request is recorded with its answer."""
        end = RealClock.monotonic()
        if case.is_delayed:
            end += self._timeout + LATE_SECONDS
        elif case.trusted and isinstance(told, Outcome) and not told.ok:
            end += RECORD_SECONDS
        while not exchanges and self._without_request < MAX_WITHOUT_REQUEST and RealClock.monotonic() < end:
            RealClock.sleep(_LOOK_SECONDS)
        self._without_request += not exchanges

    def _is_hopeless(self) -> bool:
        """Whether the first lookups all had no outcome; the first alone suffices if it used up its time."""
        if not self.asked or not all(one.is_missing for one in self.asked):
            return False
        is_idle = self.asked[0].is_late and not self.asked[0].exchanges
        return len(self.asked) == HOPELESS_AFTER or (len(self.asked) == 1 and is_idle)
