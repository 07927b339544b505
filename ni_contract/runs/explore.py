"""Requests beyond the vectors: unusual lookups, drawn ones, and numbers of all regions."""

import math
from functools import partial
from typing import Final

from ni_contract.drivers.provider.controls import Fields, key_of, plain, value_of
from ni_contract.drivers.provider.known import lookups_of_known
from ni_contract.drivers.provider.numbers import REFERENCE
from ni_contract.drivers.provider.sweep import lookups_of_all_regions
from ni_contract.drivers.provider.unusual import unusual_lookups
from ni_contract.judge import Violation
from ni_contract.runs.account import refuse_endlessly_busy, refuse_exhausted
from ni_contract.runs.run import Discovery
from ni_contract.runs.session import DEFAULT_EXAMPLES, Session

MAX_DISCOVERIES: Final = 5
MAX_SWEEP_SHARE: Final = 0.25  # of the time that a run may take
MAX_DRAWN_SECONDS: Final = 10  # for drawn requests at a pace


def explore(session: Session) -> None:
    """Sends unusual lookups, drawn requests and numbers of every region; keeps those that alone show a violation."""
    plan_, driver = session.plan, session.driver
    if not plan_.examples or not session.sent:
        return
    from ni_contract.runs.drawing import draw_requests

    before = set(session.tally.failures)
    drawn = draw_requests(session.offered(), session.known, _examples(session), plan_.seed)
    sweep = lookups_of_all_regions() if _is_swept(session) else ()
    number = (*session.known, REFERENCE)[0]
    known = lookups_of_known(session.known)
    unusual: tuple[Fields, ...] = ()
    if not _is_paced(session):
        known = _as_time_permits(session, known)
        unusual = _as_time_permits(session, unusual_lookups(number, session.offered()))
    # The sweep is longest and comes last: where a slow provider's time is up, the others have been sent.
    requests = offered_of(session, [*unusual, *drawn, *known, *sweep])
    session.is_shortened = not sweep and not session.known
    session.planned = len(session.sent) + len(requests)
    broken: list[tuple[Fields, Violation]] = []
    exchanges = driver.send_all([(partial(driver.build, fields), "generated") for fields in requests])
    for fields, exchange in zip(requests, exchanges, strict=True):
        refuse_exhausted(driver, [exchange])
        refuse_endlessly_busy(session, [exchange])
        broken += [(fields, violation) for violation in session.take(exchange, fields, session.serves(fields))]
    session.discoveries = [_plainer(session, found) for found in _simplest(broken, before)]


def offered_of(session: Session, requests: list[Fields]) -> list[Fields]:
    """*requests* without cnam, and in JSON alone and then each once, where the provider does not offer these."""
    claimed = session.offered().claimed
    if "cnam" not in claimed:
        requests = [fields for fields in requests if value_of(fields, "cnam") is None]
    if "xml" not in claimed:
        in_json = {key_of(fields) for fields in requests if fields["path"] == "/json"}
        moved = [(fields["path"], {**fields, "path": "/json"}) for fields in requests]
        requests = [fields for path, fields in moved if path == "/json" or key_of(fields) not in in_json]
    return requests


def _simplest(broken: list[tuple[Fields, Violation]], known: set[str]) -> list[Discovery]:
    """The simplest of the requests in *broken* for each clause that is not *known* already."""
    found: dict[str, Discovery] = {}
    for fields, judged in sorted(broken, key=lambda pair: len(str(pair[0]))):
        if judged.clause_id not in known:
            found.setdefault(judged.clause_id, Discovery(fields, judged))
    return list(found.values())[:MAX_DISCOVERIES]


def _plainer(session: Session, found: Discovery) -> Discovery:
    """*found* by the plainest request for the same, if that breaks the clause too."""
    fields = plain(found.fields)
    if fields == found.fields:
        return found
    exchange = session.driver.ask(fields, "generated")
    broken = session.take(exchange, fields, session.serves(fields))
    again = (one for one in broken if one.clause_id == found.judged.clause_id)
    return next((Discovery(fields, one) for one in again), found)


def _examples(session: Session) -> int:
    """The number of drawn requests; where the pace is slow and no number is given, what takes some seconds."""
    plan_, rate = session.plan, session.driver.rate
    if rate is None or plan_.examples != DEFAULT_EXAMPLES:
        return plan_.examples
    return min(plan_.examples, round(rate * MAX_DRAWN_SECONDS))


def _as_time_permits(session: Session, lookups: tuple[Fields, ...]) -> tuple[Fields, ...]:
    """All of *lookups*, or every nth at the low rate of a provider that has answered Busy."""
    rate, seconds = session.driver.rate, MAX_SWEEP_SHARE * session.plan.max_seconds
    if rate is None:
        return lookups
    return lookups[:: max(1, math.ceil(len(lookups) / (rate * seconds)))]


def _is_swept(session: Session) -> bool:
    """Whether numbers of all regions are sent: not to a fake of a few numbers, nor where a pace is declared or low."""
    rate = session.driver.rate
    if session.known or _is_paced(session):
        return False
    return rate is None or len(lookups_of_all_regions()) / rate < MAX_SWEEP_SHARE * session.plan.max_seconds


def _is_paced(session: Session) -> bool:
    return session.plan.rate is not None or session.plan.claims.throttle is not None
