"""Selects the exchanges of a report: for each clause one that keeps it, or all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ni_contract.judge.verdicts import JudgedExchange
from ni_contract.runs.run import Run


@dataclass(frozen=True, slots=True)
class ShownExchanges:
    """The exchanges to show, and by clause the index of the first that keeps it."""

    exchanges: tuple[JudgedExchange, ...]
    examples: Mapping[str, int]
    all_of_them: bool

    def kept_by(self, one: JudgedExchange) -> list[str]:
        """The clauses that *one* keeps; where only examples are shown, those whose example it is."""
        if self.all_of_them:
            return list(one.kept)
        return [clause_id for clause_id in one.kept if self.exchanges[self.examples[clause_id]] is one]


def shown_exchanges(run: Run) -> ShownExchanges:
    """The exchanges of *run* that a report shows: all with --exchanges, else one for each clause that holds."""
    first: dict[str, int] = {}
    for index, one in enumerate(run.exchanges):
        for clause_id in one.kept:
            first.setdefault(clause_id, index)
    if run.show_exchanges:
        return ShownExchanges(run.exchanges, first, all_of_them=True)
    chosen = sorted(set(first.values()))
    examples = {clause_id: chosen.index(index) for clause_id, index in first.items()}
    return ShownExchanges(tuple(run.exchanges[index] for index in chosen), examples, all_of_them=False)
