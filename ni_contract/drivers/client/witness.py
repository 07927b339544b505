"""Asks a client for one lookup after the other and records, at the simulator, the exchanges of each."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.drivers.client.asked_lookup import AskedLookup
from ni_contract.drivers.client.asker import Asker
from ni_contract.drivers.client.cases import Case, asked_together
from ni_contract.drivers.client.patience import MAX_REQUESTS
from ni_contract.drivers.client.stage import ClientStage, Elsewhere
from ni_contract.exchanges.client_features import features_seen
from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.interruption import Interrupted

# A client without outcomes in its first lookups is not asked for the others.
HOPELESS_AFTER: Final = 3
# A client that withholds a request (a rate limit or a circuit breaker of its own) is asked again after these pauses.
PAUSES: Final = (1.1, 2.0)
MAX_PAUSE_SECONDS: Final = 15.0  # in a run
# A client that withheld as many requests in spite of that is not asked again any more: it refuses these numbers.
MAX_WITHHELD: Final = 3
# A client without a success is not asked any more after this time.
FRUITLESS_SECONDS: Final = 30.0


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
    """The order of the lookups of one run: those asked so far, those under way in parallel, and those asked again."""

    def __init__(self, stage: ClientStage, timeout: float, elsewhere: Elsewhere | None, end: float) -> None:
        self.asked: list[AskedLookup] = []
        self._asker = Asker(timeout, self.asked, end)
        self._stage, self._elsewhere = stage, elsewhere
        self._beside: dict[str, Future[AskedLookup]] = {}
        self._answers = Event()
        self._seen: frozenset[str] = frozenset()
        # Requests without a success since the last one.
        self._failed = 0
        self._paused, self._began = 0.0, RealClock.monotonic()
        self._withheld = 0

    def stop(self) -> None:
        """Ends the parallel lookups."""
        self._asker.stop()
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
                    if not self._asker.is_stopped:
                        self._beside[case.id].set_result(self._asker.ask_timed(stage, case))
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
        if self._asker.is_over or self._is_fruitless():
            self._stage.watch.left_out += 1
            return
        one = self._outcome(case)
        self._seen |= features_seen(one.exchanges)
        is_unfinished = self._asker.is_over and one.is_missing
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
        return self._ask_again(self._asker.ask_timed(self._stage, case))

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
            one = self._asker.ask(self._stage, one.case)
            self._withheld += one.is_withheld
            self._stage.watch.resumed += bool(one.exchanges)
        return one

    def _may_have_a_state(self, one: AskedLookup) -> bool:
        # After a success and a pause, no breaker is open and no limit is reached.
        is_rested = one.case.pause and not self._failed
        if is_rested or (self._withheld >= MAX_WITHHELD and self._stage.restart is not None):
            return False
        return one.is_withheld and any(other.exchanges for other in self.asked) and not self._asker.is_over

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
        return is_possible and self._asker.ask(self._stage, self.asked[0].case).is_withheld

    def _ask_elsewhere(self, elsewhere: Elsewhere, case: Case) -> AskedLookup:
        """The lookup *case*; asked twice, since a client may trust any certificate once it has met a wrong one."""
        with elsewhere.open(case) as stage:
            one = self._asker.ask(stage, case)
            return one if one.exchanges or case.closed else self._asker.ask(stage, case)

    def _is_hopeless(self) -> bool:
        """Whether the first lookups all had no outcome; the first alone suffices if it used up its time."""
        if not self.asked or not all(one.is_missing for one in self.asked):
            return False
        is_idle = self.asked[0].is_late and not self.asked[0].exchanges
        return len(self.asked) == HOPELESS_AFTER or (len(self.asked) == 1 and is_idle)
