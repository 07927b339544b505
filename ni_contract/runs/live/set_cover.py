"""The smallest set of vectors that meets all requirements, by branch and bound; and the best one of a given size.

A requirement is met by any of its *ways*: a vector, or two together for a relation. Pure: no contract in here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import permutations
from typing import Final

Way = frozenset[str]
Ways = frozenset[Way]
Requirements = Mapping[str, Ways]

# The search is exact as long as it ends before this many steps; a test shows that it does, with room to spare.
MAX_STEPS: Final = 20_000


class TooLargeError(Exception):
    """The search was given up after `MAX_STEPS`."""


def met(requirements: Requirements, chosen: frozenset[str]) -> frozenset[str]:
    """The names of the requirements that *chosen* meets."""
    return frozenset(name for name, ways in requirements.items() if any(way <= chosen for way in ways))


def covers(requirements: Requirements, chosen: frozenset[str]) -> bool:
    """Whether *chosen* meets all requirements."""
    return all(any(way <= chosen for way in ways) for ways in requirements.values())


def smallest_cover(requirements: Requirements) -> frozenset[str]:
    """A smallest set of vectors that meets every requirement. Raises TooLargeError when that takes too many steps."""
    return Search(requirements).run()


class Search:
    """Depth first: takes each way of the requirement that has fewest, and turns back where the bound says no.

    *steps* counts how often it did.
    """

    def __init__(self, requirements: Requirements) -> None:
        self.steps = 0
        self._requirements = frozenset(requirements.values())
        self._best = greedy_cover(requirements)

    def run(self) -> frozenset[str]:
        """The smallest cover. Raises TooLargeError."""
        self._extend(frozenset(), self._requirements)
        return self._best

    def _extend(self, chosen: frozenset[str], open_: Collection[Ways]) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooLargeError
        forced, open_ = reduced(open_)
        chosen |= forced
        if len(chosen) + lower_bound(open_) >= len(self._best):
            return
        if not open_:
            self._best = chosen
            return
        for way in sorted(min(open_, key=_by_number), key=_by_size):
            self._extend(chosen | way, _after(open_, way))


def reduced(open_: Collection[Ways]) -> tuple[frozenset[str], frozenset[Ways]]:
    """What has to be chosen because there is but one way, and the requirements that are then left.

    A requirement that every way of another one meets is left out, and so is a way that contains another.
    """
    forced: frozenset[str] = frozenset()
    while True:
        shorter = {_shortest(ways) for ways in open_}
        single = frozenset(vector for ways in shorter if len(ways) == 1 for way in ways for vector in way)
        before = open_
        # Shortest again: of two requirements that imply each other both would be left out, were they not the same set.
        open_ = frozenset(map(_shortest, _after(shorter, single)))
        open_ = frozenset(ways for ways in open_ if not any(_implies(o, ways) for o in open_ - {ways}))
        open_ = _without_inferior(open_)
        forced |= single
        if open_ == before:
            return forced, open_


def _after(open_: Iterable[Ways], chosen: frozenset[str]) -> frozenset[Ways]:
    """The requirements that *chosen* does not meet, each way without what is chosen."""
    rest = (frozenset(way - chosen for way in ways) for ways in open_)
    return frozenset(ways for ways in rest if frozenset() not in ways)


def _shortest(ways: Ways) -> Ways:
    return frozenset(way for way in ways if not any(other < way for other in ways))


def _implies(one: Ways, other: Ways) -> bool:
    """Whether whatever meets *one* meets *other*, which is another one."""
    return all(any(short <= way for short in other) for way in one)


def _without_inferior(open_: frozenset[Ways]) -> frozenset[Ways]:
    """*open_* without the vectors that another one replaces in every way: some smallest cover does without them."""
    for old, new in permutations(sorted(frozenset().union(*(way for ways in open_ for way in ways))), 2):
        if all(_replaces(ways, old, new) for ways in open_):
            open_ = frozenset(frozenset(way for way in ways if old not in way) for ways in open_)
    return open_


def _replaces(ways: Ways, old: str, new: str) -> bool:
    """Whether *new* does for these ways what *old* does."""
    return all(any(other <= (way - {old}) | {new} for other in ways if old not in other) for way in ways if old in way)


def lower_bound(open_: Iterable[Ways]) -> int:
    """How many vectors meeting all of *open_* takes at the least.

    Requirements that share no vector need vectors of their own: what such requirements need in all is a bound.
    """
    taken: set[str] = set()
    bound = 0
    for ways in sorted(open_, key=lambda ways: (len(frozenset().union(*ways)), _by_number(ways))):
        vectors = frozenset().union(*ways)
        if taken.isdisjoint(vectors):
            taken |= vectors
            bound += min(map(len, ways))
    return bound


def _by_size(way: Way) -> tuple[int, list[str]]:
    return len(way), sorted(way)


def _by_number(ways: Iterable[Way]) -> tuple[int, list[list[str]]]:
    names = sorted(map(sorted, ways))
    return len(names), names


def greedy_cover(requirements: Requirements) -> frozenset[str]:
    """A set that meets every requirement, by taking the way that meets most for each vector; not always a smallest."""
    return _greedy(requirements, len(requirements) * 2)


def best_of_size(requirements: Requirements, size: int) -> frozenset[str]:
    """At most *size* vectors that meet many requirements: the greedy choice, improved by exchanges one for one."""
    vectors = frozenset(vector for ways in requirements.values() for way in ways for vector in way)
    return improved(_greedy(requirements, size), vectors, lambda chosen: len(met(requirements, chosen)))


def _greedy(requirements: Requirements, size: int) -> frozenset[str]:
    chosen: frozenset[str] = frozenset()
    open_ = list(requirements.values())
    while way := _best_way(open_, size - len(chosen)):
        chosen |= way
        open_ = [ways for rest in open_ if frozenset() not in (ways := frozenset(way - chosen for way in rest))]
    return chosen


def _best_way(open_: list[Ways], room: int) -> Way:
    """The way, of at most *room* vectors, that meets most of *open_* for each vector; empty when there is none."""
    ways = sorted({way for known in open_ for way in known if len(way) <= room}, key=_by_size)
    worth = {way: sum(any(w <= way for w in known) for known in open_) / len(way) for way in ways}
    return max(ways, key=worth.__getitem__, default=frozenset())


def improved(
    chosen: frozenset[str], vectors: Iterable[str], worth: Callable[[frozenset[str]], float]
) -> frozenset[str]:
    """*chosen* with vectors exchanged one for one out of *vectors*, for as long as that makes it worth more."""
    candidates, value = sorted(vectors), worth(chosen)
    for old in sorted(chosen):
        for new in candidates:
            other = (chosen - {old}) | {new}
            if new not in chosen and worth(other) > value:
                return improved(other, candidates, worth)
    return chosen
