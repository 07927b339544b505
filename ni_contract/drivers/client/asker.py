"""Asks a client for single lookups and waits for their outcomes."""

from collections.abc import Sequence
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.drivers.client.asked_lookup import AskedLookup, kept_exchanges
from ni_contract.drivers.client.cases import Case
from ni_contract.drivers.client.patience import FIRST_SECONDS, HURRIED, RETRY_SECONDS, Patience
from ni_contract.drivers.client.stage import ClientStage
from ni_contract.exchanges.client_lookup import (
    GRACE_SECONDS,
    LATE_SECONDS,
    Lookup,
    LookupRecord,
    MissingOutcome,
    Outcome,
)
from ni_contract.exchanges.values import Exchange

# A client that gives up at once may report this much earlier than its request is recorded.
RECORD_SECONDS: Final = 1.0
# After as many lookups without a request none is waited for: a client that asks nothing would cost that each time.
MAX_WITHOUT_REQUEST: Final = 3
_LOOK_SECONDS: Final = 0.02


class Asker:
    """Asks for one lookup at a time, and counts the late outcomes and the missing requests of a run.

    *timeout*: seconds that the client is told to wait for an answer. *asked*: the lookups so far. *end*: the time, in
    seconds of the monotonic clock, from which on no lookup is waited for.
    """

    def __init__(self, timeout: float, asked: Sequence[AskedLookup], end: float) -> None:
        self._timeout, self._asked, self._end = timeout, asked, end
        self._late = self._without_request = 0

    @property
    def is_over(self) -> bool:
        """Whether the time of the run is used up."""
        return RealClock.monotonic() >= self._end

    @property
    def is_stopped(self) -> bool:
        """Whether the run was ended."""
        return not self._end

    def stop(self) -> None:
        """Ends the waiting in all threads."""
        self._end = 0.0

    def ask(self, stage: ClientStage, case: Case) -> AskedLookup:
        """The lookup *case*, asked of the client on *stage*: what the client reported, and the exchanges."""
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
            exchanges = kept_exchanges(case, told, self._asked) or exchanges
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

    def ask_timed(self, stage: ClientStage, case: Case) -> AskedLookup:
        """The lookup *case*, asked again as long as its outcome may come from a busy machine."""
        one = self.ask(stage, case)
        for _ in range(case.most_asked - 1):
            if not one.is_doubtful or self.is_over:
                break
            again = self.ask(stage, case)
            if again.exchanges:
                one = again
        return one

    def _patience(self, case: Case, exchanges: Sequence[Exchange]) -> Patience:
        """The wait for the outcome."""
        hurried = [seconds for times, seconds in HURRIED if self._late >= times]
        if not hurried or case.is_silent or case.slow:
            seconds = self._timeout + GRACE_SECONDS + case.may_retry * RETRY_SECONDS
            return Patience(seconds, lambda: len(exchanges), lambda: self._end)
        patience = Patience(hurried[0], lambda: len(exchanges), lambda: self._end)
        if self._without_request < MAX_WITHOUT_REQUEST:
            patience.allow(FIRST_SECONDS)
        return patience

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
