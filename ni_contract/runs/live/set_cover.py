"""A small set of vectors that meets all requirements, chosen greedily; independent of the contract.

A requirement is met by any of its *ways*: a vector, or two together for a relation.
"""

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
    additions = {way - chosen for way in frozenset[Way]().union(*open_)}
    fitting = [way for way in additions if size is None or len(chosen | way) <= size]
    ordered = sorted(fitting, key=lambda way: (len(way), sorted(way)))
    return max(ordered, key=lambda way: _met_by(open_, chosen | way) / len(way), default=frozenset())


def _met_by(open_: list[Ways], chosen: frozenset[str]) -> int:
    return sum(is_met(ways, chosen) for ways in open_)


def _without_superfluous(requirements: Requirements, chosen: frozenset[str]) -> frozenset[str]:
    """*chosen* without the vectors that later ones made superfluous."""
    met = [ways for ways in requirements.values() if is_met(ways, chosen)]
    for vector in sorted(chosen):
        if all(is_met(ways, chosen - {vector}) for ways in met):
            chosen -= {vector}
    return chosen
