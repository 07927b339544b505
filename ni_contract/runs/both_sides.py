"""Judges both sides of exchanges that come one after the other, each wrong refusal by its controls.

A control is a request about the same number that was served. Only one that lacks a property of the refused request
shows that this property was refused, and it may come later: so an exchange with a wrong refusal is judged at the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ni_contract.contract.vocabulary import SUCCESS
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge, Violation
from ni_contract.judge.clauses.observed_status import status_of
from ni_contract.judge.context import EvaluationContext, evaluation_context
from ni_contract.judge.unserved import BASIC_ACCEPTED, Unserved, broken_clause, form_of, properties_of, unserved

MAX_WAITING: Final = 10_000  # exchanges
MAX_NUMBERS: Final = 100_000  # of which the properties of served requests are kept


@dataclass(frozen=True, slots=True)
class JudgedSides:
    """An exchange with the clauses that either side broke; *counted*: how often each clause applied."""

    exchange: Exchange
    counted: Counter[str]
    broken: tuple[Violation, ...]


class BothSides:
    """Judges exchanges; *account* holds the valid credentials where they are known.

    *unjudged* counts the refusals that may be right, since nothing was served with their form of credentials;
    *undocumented* are the clauses that only the observed edition knows in what was judged.
    """

    def __init__(self, account: Credentials | None) -> None:
        self._account, self._judge = account, Judge(account)
        self._served: dict[str, set[str]] = {}
        self._credentials: set[str] = set()
        self._waiting: list[tuple[JudgedSides, Violation, Unserved]] = []
        self.unjudged = 0
        self.undocumented: set[str] = set()

    def judge(self, exchange: Exchange, with_provider: bool = True) -> JudgedSides | None:
        """The judgement of *exchange*; None for one with a wrong refusal, whose judgement `finish` returns."""
        broken = self._judge.provider(exchange) if with_provider else []
        broken += self._judge.client(exchange)
        judged = JudgedSides(exchange, self._judge.counted(), tuple(broken))
        reading = evaluation_context(exchange, self._account)
        if status_of(reading) == SUCCESS:
            self._note_served(reading)
        if len(self._waiting) >= MAX_WAITING:
            return judged
        for violation in broken:
            if refusal := unserved(reading, violation.clause_id):
                self._waiting.append((judged, violation, refusal))
                return None
        return judged

    def finish(self) -> Iterator[JudgedSides]:
        """The judgements of the exchanges that waited for the controls of their refusals."""
        for judged, violation, refusal in self._waiting:
            yield self._by_controls(judged, violation, refusal)
        self._waiting.clear()

    def _by_controls(self, judged: JudgedSides, violation: Violation, refusal: Unserved) -> JudgedSides:
        """*judged* with the clause that *refusal* breaks by its controls, if any, instead of that of *violation*."""
        counted = judged.counted - Counter([violation.clause_id])
        broken = [one for one in judged.broken if one is not violation]
        clause_id = broken_clause(refusal, self._served.get(refusal.number), self._credentials)
        if clause_id:
            counted[clause_id] += 1
            broken.append(replace(violation, clause_id=clause_id))
        else:
            self.unjudged += 1
        if clause_id == BASIC_ACCEPTED and refusal.credential not in self._credentials:
            self.undocumented.add(clause_id)
        return JudgedSides(judged.exchange, counted, tuple(broken))

    def _note_served(self, reading: EvaluationContext) -> None:
        self._credentials.add(form_of(reading.credential))
        facts = reading.meaning.facts
        if facts is not None and (facts.international in self._served or len(self._served) < MAX_NUMBERS):
            self._served.setdefault(facts.international, set()).update(properties_of(reading))
