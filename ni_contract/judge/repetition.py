"""Results of exchanges that come again, the same or with another number: judged once, then looked up."""

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.clauses.relation import Comparable
from ni_contract.judge.likeness import MAX_KNOWN, Likeness, is_new, likeness_with_number, likeness_without_number
from ni_contract.judge.unread import values_of

BrokenClause = tuple[str, Finding]


class KeptResult(NamedTuple):
    """The result of an exchange alone: the clauses that hold, those that are broken, its id, and what is compared."""

    held: tuple[str, ...]
    broken: tuple[BrokenClause, ...]
    request_id: str
    related: Comparable | None

    def broken_with(self, request_id: str) -> tuple[BrokenClause, ...]:
        """The broken clauses of an exchange with the same result, whose id is *request_id*."""
        if not self.broken:
            return ()
        return tuple([(clause_id, self._of_id(found, request_id) or found) for clause_id, found in self.broken])

    def findings_without_id(self) -> list[Finding]:
        """The findings, without the id where one is about nothing else."""
        return [self._of_id(found, "") or found for _, found in self.broken]

    def _of_id(self, found: Finding, request_id: str) -> Finding | None:
        """*found* about *request_id*, if it is about the id and shows it; else None."""
        if shows_id(found, self.request_id):
            return replace(found, actual=shown(request_id))
        return None


def shows_id(found: Finding, request_id: str) -> bool:
    """Whether *found* is about *request_id* and shows it."""
    return found.is_about_request_id and found.actual == shown(request_id)


class Repetitions:
    """The results of exchanges by their likeness; *account* as the judge has it."""

    def __init__(self, account: Credentials | None = None) -> None:
        self._own = values_of(account)
        self._results: dict[Hashable, KeptResult] = {}
        self._seen: set[int] = set()
        self._known: set[int] = set()

    def likeness(self, exchange: Exchange) -> Likeness | None:
        """The likeness of *exchange*; None where its number is not plain and its request comes for the first time."""
        alike = likeness_without_number(exchange, self._known, self._own)
        # To keep what comes once costs more than it saves.
        if alike is None and not is_new((exchange.request.url, exchange.request.body), self._seen):
            return likeness_with_number(exchange)
        return alike

    def get(self, key: Hashable) -> KeptResult | None:
        """The result of *key*, if it is kept."""
        return self._results.get(key)

    def keep(self, key: Hashable, result: KeptResult) -> None:
        """Keeps *result*."""
        if len(self._results) >= MAX_KNOWN:
            self._results.clear()
        self._results[key] = result
