"""Results of exchanges that come again, the same or with another number: judged once, then looked up."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple

from ni_contract.exchanges.values import Exchange, Request
from ni_contract.judge.clauses.relation import Comparable
from ni_contract.judge.likeness import Likeness, likeness_with_number, likeness_without_number

MAX_KEPT: Final = 12_000


class KeptResult(NamedTuple):
    """The result of an exchange that breaks no clause by itself: the ids of those that hold, and what is compared."""

    held: tuple[str, ...]
    related: Comparable | None


class Repetitions:
    """The results of exchanges by their likeness. A finding may show an id, so only results without one are kept."""

    def __init__(self) -> None:
        self._results: dict[Hashable, KeptResult] = {}
        self._seen: set[int] = set()
        self._known: set[int] = set()

    def likeness(self, exchange: Exchange) -> Likeness | None:
        """The likeness of *exchange*; None where its number is not plain and its request comes for the first time."""
        alike = likeness_without_number(exchange, self._known)
        # To keep what comes once costs more than it saves.
        if alike is None and not self._is_new(exchange.request):
            return likeness_with_number(exchange)
        return alike

    def _is_new(self, request: Request) -> bool:
        """Whether *request* comes for the first time; a request with the same hash is taken for the same."""
        seen, hashed = self._seen, hash((request.url, request.body))
        if hashed in seen:
            return False
        if len(seen) >= MAX_KEPT:
            self._results.clear()
            seen.clear()
        seen.add(hashed)
        return True

    def get(self, key: Hashable) -> KeptResult | None:
        """The result of *key*, if it is kept."""
        return self._results.get(key)

    def keep(self, key: Hashable, result: KeptResult) -> None:
        """Keeps *result*."""
        if len(self._results) >= MAX_KEPT:
            self._results.clear()
        self._results[key] = result
