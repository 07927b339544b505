"""Judges exchanges as they pass a proxy, both sides of each, and returns a `Run` of all."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ni_contract.contract.catalogue import Clause
from ni_contract.contract.scope import is_recorded_lookup
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.gateway import is_gateway_answer, is_preflight
from ni_contract.exchanges.known_secrets import with_secrets_of
from ni_contract.exchanges.values import Answer, Exchange, Failure
from ni_contract.judge import Violation
from ni_contract.judge.deviations import Deviation, deviations_for
from ni_contract.judge.root_causes import root_causes
from ni_contract.judge.unserved import NOT_OFFERED
from ni_contract.judge.verdicts import Tally, apply_deviation, by_edition, results_of, verdict_of
from ni_contract.recordings.entry import Malformed
from ni_contract.recordings.inflate import plain_body
from ni_contract.runs.both_sides import BothSides, JudgedSides
from ni_contract.runs.run import Run
from ni_contract.runs.undocumented import without_undocumented

NO_LOOKUP, GATEWAY, TOO_LARGE = "not about this API", "a gateway answered", "too large to be judged"
PACKED: Final = "packed in a way that is not read"
OnViolation = Callable[[Violation], None]


class ProxySession:
    """Judges exchanges one after the other and keeps the data of the report.

    *account* holds the valid credentials where they are known. *on_violation* is called for the first failure of
    each clause with each cause; for that of a wrong refusal at the end, when its controls are known.
    """

    def __init__(
        self,
        clauses: tuple[Clause, ...],
        account: Credentials | None = None,
        deviations: tuple[Deviation, ...] = (),
        on_violation: OnViolation = lambda _violation: None,
    ) -> None:
        self._clauses, self._account, self._deviations = clauses, account, deviations
        self._wanted = frozenset(clause.id for clause in clauses)
        self._sides, self._tally = BothSides(account), Tally()
        self._on_violation = on_violation
        self._begun = time.monotonic()
        self.passed: Counter[str] = Counter()
        self.judged = 0

    def add(self, exchange: Exchange) -> None:
        """Judges *exchange*, or counts the reason why not."""
        judgeable = _judgeable(exchange)
        if isinstance(judgeable, str):
            self.passed[judgeable] += 1
            return
        self.judged += 1
        judged = self._sides.judge(judgeable)
        if judged is not None:
            self._count(judged)

    def _count(self, judged: JudgedSides) -> None:
        wanted = [one for one in judged.broken if one.clause_id in self._wanted]
        for violation in self._tally.add(judged.counted, wanted, judged.exchange):
            self._on_violation(violation)

    def finish(self, target: str, base_url: str) -> Run:
        """The run of all exchanges; an error when none of them was of this API."""
        for judged in self._sides.finish():
            self._count(judged)
        if self._sides.unjudged:
            self.passed[NOT_OFFERED] += self._sides.unjudged
        error = "" if self.judged else "no lookup passed through the proxy, so nothing was judged"
        declared = deviations_for(target, self._deviations)
        verdicts = by_edition(
            self._clauses, lambda clause: apply_deviation(verdict_of(clause, self._tally, {}), declared.get(clause.id))
        )
        verdicts = without_undocumented(verdicts, self._sides.undocumented)
        return Run(
            target=target,
            base_url=base_url,
            account=with_secrets_of(self._shown(), self._account),
            verdicts=verdicts,
            results=results_of(verdicts, error),
            causes={edition: root_causes(found, self._tally) for edition, found in verdicts.items()},
            command="proxy",
            notes=tuple(f"{count} exchanges passed unjudged: {why}" for why, count in sorted(self.passed.items())),
            requests=self.judged,
            exchanges=tuple(self._tally.judged),
            seconds=time.monotonic() - self._begun,
            error=error,
        )

    def _shown(self) -> Iterator[Exchange]:
        """The exchanges that the report shows."""
        for violations in self._tally.failures.values():
            yield from (one.exchange for one in violations if one.exchange is not None)


def _judgeable(exchange: Exchange) -> Exchange | str:
    """*exchange* with its answer's body decoded, or the reason why it is not judged."""
    if is_preflight(exchange) or not is_recorded_lookup(exchange.request.url):
        return NO_LOOKUP
    answer = exchange.answer
    if isinstance(answer, Failure):
        if answer.kind == "too-large":
            return TOO_LARGE
        return exchange
    if is_gateway_answer(exchange):
        return GATEWAY
    try:
        body = plain_body(answer.headers, answer.body, "the answer's body")
    except Malformed:
        return PACKED
    return replace(exchange, answer=Answer(answer.http_status, answer.headers, body))
