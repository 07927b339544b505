"""The findings at which `audit --fail-on` stops, each with its place."""

from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from ni_contract.contract.scope import is_recorded_lookup
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.unserved import broken_clause, unserved
from ni_contract.recordings.read import read_recordings
from ni_contract.runs.audit.unanswered import judge_recorded, why_unanswered

MAX_SHOWN = 200


class SecretPlace(NamedTuple):
    """A finding in the file called *name*, at *place* in it (`:17`, `, entry 3`); *at* is the part of the exchange."""

    clause_id: str
    name: str
    place: str
    at: str


def places_of(
    files: Iterable[tuple[str, str]], clauses: Set[str], account: Credentials | None
) -> Iterator[SecretPlace]:
    """The findings of *clauses* in *files* (paths and names), one exchange after the other."""
    for path, name in files:
        for recorded in read_recordings(path):
            if isinstance(recorded, Exchange) and is_recorded_lookup(recorded.request.url):
                yield from _found(recorded, path, name, clauses, account)


def _found(
    exchange: Exchange, path: str, name: str, clauses: Set[str], account: Credentials | None
) -> Iterator[SecretPlace]:
    reading = evaluation_context(exchange, account)
    place = exchange.origin.removeprefix(path)
    if not place.startswith((":", ",")):
        place = f": {place}"
    for clause_id, finding in judge_recorded(reading, why_unanswered(exchange)).broken:
        refusal = unserved(reading, clause_id)
        # Where a refusal has no control, another clause fails.
        for one in dict.fromkeys((clause_id, broken_clause(refusal, None, ()) if refusal else clause_id)):
            if one in clauses:
                yield SecretPlace(one, name, place, finding.at)
