"""A lookup that a client was asked, and whether it has to be asked again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ni_contract.contract.vocabulary import BUSY
from ni_contract.drivers.client.cases import Case
from ni_contract.exchanges.client_lookup import LATE_SECONDS, MAYBE_TIMED_OUT, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.values import Exchange


@dataclass(frozen=True, slots=True)
class AskedLookup:
    """The *case* that was asked, its record without the exchanges, and the seconds until the outcome.

    *exchanges* may become more after the outcome: each is recorded with its answer.
    """

    case: Case
    without_exchanges: LookupRecord
    exchanges: Sequence[Exchange]
    took: float

    @property
    def reported(self) -> Outcome | MissingOutcome:
        """The reported outcome."""
        return self.without_exchanges.reported

    @property
    def is_missing(self) -> bool:
        """Whether the client reported no outcome."""
        return isinstance(self.reported, MissingOutcome)

    @property
    def is_late(self) -> bool:
        """Whether the client reported no outcome in time."""
        return isinstance(self.reported, MissingOutcome) and self.reported.kind == "late"

    @property
    def is_success(self) -> bool:
        """Whether the client reported a success."""
        return isinstance(self.reported, Outcome) and self.reported.ok

    @property
    def is_failure(self) -> bool:
        """Whether the client reported a failure."""
        return isinstance(self.reported, Outcome) and not self.reported.ok

    @property
    def is_withheld(self) -> bool:
        """Whether the client asked nothing, although it had to ask, and reports a failure without a status, or busy."""
        is_due = self.case.trusted and not self.case.may_refuse and not self.exchanges
        return is_due and self.is_failure and self.status in (None, BUSY)

    @property
    def status(self) -> object:
        """The reported status; None where there is no outcome."""
        return self.reported.status if isinstance(self.reported, Outcome) else None

    @property
    def is_doubtful(self) -> bool:
        """Whether the outcome could be another on a machine that is less busy."""
        timeout = self.without_exchanges.lookup.timeout
        if self.case.slow:
            return not self.is_success
        if self.case.is_answered_at_once and self.is_failure:
            # The pauses of a client before its later requests are its own.
            took = self.without_exchanges.waited if len(self.exchanges) > 1 else self.took
            return took >= MAYBE_TIMED_OUT * timeout
        return self.case.is_silent and not self.is_missing and self.without_exchanges.waited > timeout + LATE_SECONDS

    def record(self) -> LookupRecord:
        """The record with the exchanges so far."""
        return replace(self.without_exchanges, exchanges=tuple(self.exchanges))


def kept_exchanges(case: Case, told: Outcome | MissingOutcome, asked: Sequence[AskedLookup]) -> Sequence[Exchange]:
    """The exchanges of the lookup of *asked* that *case* repeats, whose answer the client may have kept.

    None for a failure, which without a request may be that of a circuit breaker.
    """
    if isinstance(told, Outcome) and not told.ok:
        return ()
    return next((one.exchanges for one in asked if one.case.id == case.again), ())
