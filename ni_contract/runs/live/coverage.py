"""The clauses that each vector evaluates, measured with the simulator of each edition: the live API may be either.

The result is stored in no file, so it cannot become stale: a hundred requests in this process take half a second.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final

from ni_contract.contract.catalogue import EDITIONS, ids_by_case
from ni_contract.drivers.provider.http_target import AsgiTarget
from ni_contract.drivers.provider.vectors import Vector, build
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange, Request
from ni_contract.judge import judge_provider
from ni_contract.judge.clauses.observed_status import status_of
from ni_contract.judge.clauses.relation import VARIATIONS, relate
from ni_contract.judge.clauses.request_key import RequestKey
from ni_contract.judge.context import evaluation_context
from ni_contract.runs.live.set_cover import Requirements, Way
from ni_contract.simulator import Settings, create_app

IN_A_ROW, OWN_IDS, AGAIN = map(ids_by_case("sequence").__getitem__, ("in a row", "ids", "again"))
_TIMEOUT_SECONDS = 30.0
# Any time does, as long as all signatures use the same one.
_NOW = 1_795_427_367.0
_MAX_MEASURED: Final = 8


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of vectors: *ways* by requirement; *served* are the vectors that are charged for.

    A requirement is a clause with the edition of a simulator, such as `NIB-RES-004 observed`. *refused* are the
    vectors with wrong credentials. Unique ids are no requirement: any two lookups that are served evaluate that clause,
    and every plan of more than a few requests has them.
    """

    ways: Requirements
    served: frozenset[str]
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Played:
    """A vector with its exchange's results; *shape* is None where it is not to be compared with others."""

    vector: Vector
    request: Request
    shape: RequestKey | None
    evaluated: frozenset[str]
    status: int | None


_MEASURED: Final[dict[str, Coverage]] = {}


def play(vectors: Sequence[Vector], edition: str) -> list[Exchange]:
    """The exchanges of *vectors* with the simulator of *edition*, in this process."""
    account = Credentials()
    target = AsgiTarget(create_app(Settings(edition=edition, clock=lambda: _NOW)), "simulator", _TIMEOUT_SECONDS)
    try:
        requests = [build(vector, target.base_url, account, _NOW) for vector in vectors]
        return [Exchange(request, target.send(request), "", _NOW) for request in requests]
    finally:
        target.close()


def measure(vectors: Sequence[Vector]) -> Coverage:
    """The coverage of *vectors*, which are in the order in which they would be sent.

    It is kept, for a run asks for that of the same vectors several times.
    """
    key = repr(vectors)
    if key not in _MEASURED:
        if len(_MEASURED) >= _MAX_MEASURED:
            _MEASURED.clear()
        _MEASURED[key] = _measured(vectors)
    return _MEASURED[key]


def _measured(vectors: Sequence[Vector]) -> Coverage:
    ways: dict[str, set[Way]] = defaultdict(set)
    statuses: dict[int | None, set[str]] = defaultdict(set)
    for edition in EDITIONS:
        played = [_played(v, e) for v, e in zip(vectors, play(vectors, edition), strict=True)]
        for clause_id, way in chain(_alone(played), _related(played), _repeated(played)):
            ways[f"{clause_id} {edition}"].add(way)
        for one in played:
            statuses[one.status].add(one.vector.id)
    return Coverage(
        {name: frozenset(found) for name, found in sorted(ways.items())}, frozenset(statuses[0]), frozenset(statuses[4])
    )


def _played(vector: Vector, exchange: Exchange) -> _Played:
    reading = evaluation_context(exchange, Credentials(), ())
    said = judge_provider(reading)
    related = relate(reading)
    return _Played(
        vector=vector,
        request=exchange.request,
        shape=related.shape if related is not None and not related.refused_alone else None,
        evaluated=frozenset([*said.held, *(clause_id for clause_id, _ in said.broken)]),
        status=status_of(reading),
    )


def _alone(played: Iterable[_Played]) -> Iterable[tuple[str, Way]]:
    for one in played:
        for clause_id in one.evaluated:
            yield clause_id, frozenset({one.vector.id})


def _related(played: Iterable[_Played]) -> Iterable[tuple[str, Way]]:
    """Pairs whose keys differ in exactly the field that a relation varies."""
    for variation in VARIATIONS:
        groups: dict[object, list[tuple[str, object]]] = defaultdict(list)
        for one in played:
            if one.shape is not None and variation.counts(one.shape):
                groups[variation.key(one.shape)].append((one.vector.id, variation.value(one.shape)))
        for group in groups.values():
            for (first, value), (second, other) in combinations(group, 2):
                if value != other:
                    yield variation.clause_id, frozenset({first, second})


def _repeated(played: Sequence[_Played]) -> Iterable[tuple[str, Way]]:
    """Pairs of the same request: neighbours stay neighbours in every plan, because plans keep the order."""
    for (at, first), (place, second) in combinations(enumerate(played), 2):
        if first.request == second.request and first.shape is not None:
            yield IN_A_ROW if place == at + 1 else AGAIN, frozenset({first.vector.id, second.vector.id})
