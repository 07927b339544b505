"""The vectors for a few clauses, for a run that sends nothing else."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from ni_contract.contract.catalogue import Clause
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.runs.live.coverage import measure

MAX_VECTORS_EACH: Final = 5


def vectors_for(clauses: Iterable[Clause], vectors: Sequence[Vector]) -> list[Vector]:
    """Of *vectors* those that evaluate *clauses*: at most five of each, as different from each other as possible."""
    coverage = measure(vectors)
    by_id = {vector.id: vector for vector in vectors}
    chosen: set[str] = set()
    for clause in clauses:
        found = (coverage.ways.get(f"{clause.id} {edition}", ()) for edition in clause.editions)
        ways = set(chain.from_iterable(found))
        ordered = sorted(ways, key=lambda way: cost_of(way, vectors))
        for way in _different(ordered, by_id):
            chosen |= way
    return [vector for vector in vectors if vector.id in chosen]


def cost_of(way: frozenset[str], vectors: Sequence[Vector]) -> tuple[int, list[int]]:
    """The sort key: requests with few characteristics come first, because their failures have fewer possible causes.

    Then those that are sent first; no two ways have the same key, for the order of a set changes with each process.
    """
    places = [place for place, vector in enumerate(vectors) if vector.id in way]
    return sum(len(vectors[place].needs) for place in places), places[::-1]


def _different(ways: list[frozenset[str]], by_id: dict[str, Vector]) -> list[frozenset[str]]:
    kinds: dict[object, frozenset[str]] = {}
    for way in ways:
        kinds.setdefault(tuple(sorted(_kind(by_id[one].request) for one in way)), way)
    first = list(kinds.values())[:MAX_VECTORS_EACH]
    return first + [way for way in ways if way not in first][: MAX_VECTORS_EACH - len(first)]


def _kind(fields: Fields) -> str:
    headers = fields.get("headers", {})
    return f"{fields['method']} {fields['path']} {sorted(headers.items())}"
