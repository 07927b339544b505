"""The clauses about a declared rate limit: a burst, and the answers Busy to requests at a slower pace."""

from collections.abc import Iterator, Mapping
from typing import Final

from ni_contract.contract.vocabulary import BUSY, SUCCESS
from ni_contract.drivers.provider.burst import MAX_SUSTAINED_RATE, VECTORS, run_burst, run_sustained
from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, is_busy
from ni_contract.drivers.provider.vectors import Vector, lookup_vectors
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation
from ni_contract.judge.clauses.status import SERVED_CLAUSES
from ni_contract.runs.session import Session

# The status in a burst is judged by the clauses about the limit.
_ELSEWHERE: Final = SERVED_CLAUSES | {"NIB-REL-007", "NIB-REL-009"}

# One limit counts the lookups of all of these ways and numbers.
_WAYS: Final = ("number-us", "post-form-json", "reference-xml")
_FIRST_WAY: Final = VECTORS["served"]

# A provider may count a request later than it was sent, where the machine is busy.
_BEFORE_SECONDS: Final = 3 * BUSY_PAUSE_SECONDS


def judge_limit(session: Session, rate: int) -> None:
    """Judges a burst, and the answers Busy to requests at a pace below *rate*."""
    vectors = {vector.id: session.adapted(vector) for vector in lookup_vectors()}
    fields = {which: vectors[vector_id].request for which, vector_id in VECTORS.items()}
    ways = [vectors[way].request for way in _ways(session, vectors)]
    for before in before_busy(session):
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


def _ways(session: Session, vectors: Mapping[str, Vector]) -> list[str]:
    """The ids of the vectors to send for as long as they are served: those that are offered and were not refused."""
    claims = session.offered()
    refused = {one.vector.id for one in session.sent if status_of(one.exchange) not in (SUCCESS, BUSY)}
    offered = [way for way in _WAYS if way not in refused and claims.covers(vectors[way].needs)]
    return offered or [_FIRST_WAY]


def before_busy(session: Session) -> Iterator[list[Exchange]]:
    """The requests shortly before each answer Busy, and it; not where there is another one among them."""
    busy = session.driver.busy
    known = sorted([*busy, *(one.exchange for one in session.sent)], key=lambda one: one.sent_at or 0.0)
    for last in busy:
        end = last.sent_at or 0.0
        before = [one for one in known if end - _BEFORE_SECONDS < (one.sent_at or 0.0) <= end]
        if sum(map(is_busy, before)) == 1:
            yield before


def _is_counted(session: Session, violation: Violation) -> bool:
    """Whether a violation in a burst counts."""
    if violation.clause_id not in _ELSEWHERE:
        return True
    session.tally.evaluated[violation.clause_id] -= 1
    return False
