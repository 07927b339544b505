"""The clauses about a declared rate limit: a burst, and the answers Busy to requests at a slower pace."""

from collections.abc import Iterator
from typing import Final

from ni_contract.drivers.provider.burst import MAX_SUSTAINED_RATE, VECTORS, run_burst, run_sustained
from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, is_busy
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation
from ni_contract.judge.clauses.status import SERVED_CLAUSES
from ni_contract.runs.session import Session

# The status in a burst is judged by the clauses about the limit.
_ELSEWHERE: Final = SERVED_CLAUSES | {"NIB-REL-007", "NIB-REL-009"}

# One limit counts the lookups of all of these ways.
_WAYS: Final = ("london-json", "post-form-json", "post-form-xml")


def judge_limit(session: Session, rate: int) -> None:
    """Judges a burst, and the answers Busy to requests at a pace below *rate*."""
    vectors = {vector.id: session.adapted(vector) for vector in lookup_vectors()}
    fields = {which: vectors[vector_id].request for which, vector_id in VECTORS.items()}
    ways = [vectors[way].request for way in _WAYS if session.offered().covers(vectors[way].needs)]
    for before in _before_busy(session):
        broken = session.judge.throttle(before, rate)
        session.tally.add(session.judge.counted(), broken)
    exchanges = run_burst(session.driver, rate, fields)
    if rate <= MAX_SUSTAINED_RATE:
        exchanges += run_sustained(session.driver, rate, ways)
    broken = session.judge.throttle(exchanges, rate)
    # The first that was busy is the example of the clauses about a burst.
    for exchange in sorted(exchanges, key=lambda one: not is_busy(one)):
        broken += [one for one in session.judge.provider(exchange, is_excused=True) if _is_counted(session, one)]
        session.tally.add(session.judge.counted(), broken, exchange)
        broken = []


def _before_busy(session: Session) -> Iterator[list[Exchange]]:
    """The requests of the second before each answer Busy, and it; not where that second has another one."""
    busy = session.driver.busy
    known = sorted([*busy, *(one.exchange for one in session.sent)], key=lambda one: one.sent_at or 0.0)
    for last in busy:
        end = last.sent_at or 0.0
        before = [one for one in known if end - BUSY_PAUSE_SECONDS < (one.sent_at or 0.0) <= end]
        if sum(map(is_busy, before)) == 1:
            yield before


def _is_counted(session: Session, violation: Violation) -> bool:
    """Whether a violation in a burst counts."""
    if violation.clause_id not in _ELSEWHERE:
        return True
    session.tally.evaluated[violation.clause_id] -= 1
    return False
