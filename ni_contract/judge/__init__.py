"""The judge: pure functions from exchanges to judgements. No network, no pytest, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from ni_contract.credentials import Credentials
from ni_contract.exchange import Exchange
from ni_contract.judge import answers, facts
from ni_contract.judge.expectations import EXPECTATION_CLAUSES, format_follows_accept, judge_status
from ni_contract.judge.reading import Reading, read_exchange
from ni_contract.judge.relations import RELATION_CLAUSES, Relations
from ni_contract.judge.requests import REQUEST_CHECKS
from ni_contract.judge.result import Finding, Judgement
from ni_contract.judge.throttling import THROTTLE_CLAUSES, judge_throttle

__all__ = ["Judge", "Judged", "checked_clauses"]


def checked_clauses() -> frozenset[str]:
    """The ids of all clauses that this judge has a check for."""
    requests = (clause_id for clause_id, _ in REQUEST_CHECKS)
    return frozenset(
        chain(
            answers.clause.ids(), facts.clause.ids(), requests, EXPECTATION_CLAUSES, RELATION_CLAUSES, THROTTLE_CLAUSES
        )
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement: the clause, the exchange it was found in, the finding (None: the clause holds there).

    *other* is the exchange that it was compared with, for a relation.
    """

    clause_id: str
    exchange: Exchange
    finding: Finding | None
    other: Exchange | None = None


class Judge:
    """Judges exchanges one after the other; relations compare each with those before it.

    *account* holds the credentials that are valid at the provider, None when nobody knows them.
    """

    def __init__(self, account: Credentials | None = None) -> None:
        self._account = account
        self._relations = Relations()

    def provider(self, exchange: Exchange) -> list[Judged]:
        """All judgements of the provider that *exchange* makes possible."""
        reading = read_exchange(exchange, self._account)
        alone = [_judged(exchange, judgement) for judgement in judge_provider(reading)]
        pairs = self._relations.add(reading)
        return alone + [
            Judged(clause_id, pair.second, pair.result if isinstance(pair.result, Finding) else None, pair.first)
            for clause_id, pair in pairs
        ]

    def client(self, exchange: Exchange) -> list[Judged]:
        """All judgements of the client that sent the request of *exchange*."""
        reading = read_exchange(exchange, self._account)
        return [_judged(exchange, judgement) for judgement in judge_request(reading)]

    def throttle(self, exchanges: Iterable[Exchange], rate: int) -> list[Judged]:
        """The judgements of a burst: *exchanges* in the order sent, to an account of *rate* requests a second."""
        readings = [read_exchange(exchange, self._account) for exchange in exchanges]
        return [Judged(clause_id, exchange, finding) for clause_id, exchange, finding in judge_throttle(readings, rate)]


def judge_provider(reading: Reading) -> list[Judgement]:
    """The judgements of one exchange alone: answer and exchange clauses."""
    judgements = judge_status(reading)
    answered = reading.answered
    if answered is None or not reading.is_lookup or format_follows_accept(reading):
        return judgements
    for when, checks in answers.clause.groups.items():
        if when(answered):
            judgements.extend((i, result) for i, check in checks if (result := check(answered)) is not None)
    for when, fact_checks in facts.clause.groups.items():
        if when(answered):
            judgements.extend(
                (i, result) for i, check in fact_checks if (result := check(answered, reading)) is not None
            )
    return judgements


def judge_request(reading: Reading) -> list[Judgement]:
    """The judgements of a request alone."""
    return [(i, result) for i, check in REQUEST_CHECKS if (result := check(reading)) is not None]


def _judged(exchange: Exchange, judgement: Judgement) -> Judged:
    clause_id, result = judgement
    return Judged(clause_id, exchange, result if isinstance(result, Finding) else None)
