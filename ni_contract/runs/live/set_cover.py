"""A small set of vectors that meets all requirements, chosen greedily; independent of the contract.

A requirement is met by any of its *ways*: a vector, or two together for a relation.
"""

from collections import defaultdict
from collections.abc import Mapping

Way = frozenset[str]
Ways = frozenset[Way]
Requirements = Mapping[str, Ways]


def is_met(ways: Ways, chosen: frozenset[str]) -> bool:
    return any(way <= chosen for way in ways)


def greedy_cover(requirements: Requirements, size: int | None = None) -> frozenset[str]:
    """At most *size* vectors: repeatedly the way that meets most requirements for each vector that it adds.

    Without *size* they meet every requirement. None of them can be left out.
    """
    chosen: frozenset[str] = frozenset()
    open_ = list(requirements.values())
    while way := _best_way(open_, chosen, size):
        chosen = _without_superfluous(requirements, chosen | way)
        open_ = [ways for ways in open_ if not is_met(ways, chosen)]
    return chosen


def _best_way(open_: list[Ways], chosen: frozenset[str], size: int | None) -> Way:
    """The vectors to add next, by worth and then by name; empty when nothing more is needed or fits."""
    met_by: defaultdict[Way, set[int]] = defaultdict(set)
    for number, ways in enumerate(open_):
        for way in ways:
            met_by[way - chosen].add(number)

    def worth(addition: Way) -> float:
        met = set[int]().union(*(numbers for way, numbers in met_by.items() if way <= addition))
        return len(met) / len(addition)

    fitting = [addition for addition in met_by if size is None or len(chosen | addition) <= size]
    return max(sorted(fitting, key=lambda way: (len(way), sorted(way))), key=worth, default=frozenset())


def _without_superfluous(requirements: Requirements, chosen: frozenset[str]) -> frozenset[str]:
    """*chosen* without the vectors that later ones made superfluous."""
    met = [ways for ways in requirements.values() if is_met(ways, chosen)]
    for vector in sorted(chosen):
        if all(is_met(ways, chosen - {vector}) for ways in met):
            chosen -= {vector}
    return chosen
