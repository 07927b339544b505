"""Verdicts of clauses from judgements, and the result of a run from verdicts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ni_contract.contract.catalogue import EDITIONS, Clause
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation
from ni_contract.judge.deviations import Deviation

PASS, FAIL, WARN = "pass", "fail", "warn"
DEVIATES, STALE, UNCLAIMED, UNTESTED = "deviates", "stale", "unclaimed", "untested"
CONFORMANT, PARTIAL, NONCONFORMANT, ERROR = "conformant", "partial", "nonconformant", "error"

MAX_CAUSES = 5
MAX_CASES = 100
MAX_EXCHANGES_KEPT = 5_000
MAX_EXCHANGES_NOTED = 10_000


@dataclass(frozen=True, slots=True)
class JudgedExchange:
    """An exchange, with the ids of the clauses that it keeps and those that it breaks."""

    exchange: Exchange
    kept: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Counts judgements by clause, and keeps the first failures of each clause with different causes.

    *exchanges* names the exchanges that broke each clause, by their place in `numbers`; *judged* are those that were
    added with their judgements, at most `MAX_EXCHANGES_KEPT`.
    """

    evaluated: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[Violation]] = field(default_factory=dict)
    judged: list[JudgedExchange] = field(default_factory=list)
    exchanges: dict[str, set[int]] = field(default_factory=dict)
    numbers: dict[int, tuple[int, Exchange]] = field(default_factory=dict)

    def add(
        self, evaluated: Mapping[str, int], broken: Iterable[Violation], exchange: Exchange | None = None
    ) -> list[Violation]:
        """The failures among *broken* that are the first of their cause.

        *evaluated*: how often each clause applied; *exchange* is the one that was judged, where it was a single one.
        """
        broken = tuple(broken)
        if exchange is not None:
            self.note(exchange, evaluated, broken)
        self.evaluated.update(evaluated)
        new = []
        for judged in broken:
            self.failed[judged.clause_id] += 1
            self._note(judged)
            if self._keep(judged):
                new.append(judged)
        return new

    def note(self, exchange: Exchange, evaluated: Collection[str], broken: Iterable[Violation]) -> None:
        """Keeps *exchange* with the clauses *evaluated* and those found *broken* in it, and counts nothing."""
        if len(self.judged) < MAX_EXCHANGES_KEPT:
            ids = {judged.clause_id for judged in broken}
            kept = tuple(sorted(set(evaluated) - ids))
            self.judged.append(JudgedExchange(exchange, kept, tuple(sorted(ids))))

    def _note(self, judged: Violation) -> None:
        noted = self.exchanges.setdefault(judged.clause_id, set())
        for exchange in (judged.last or judged.exchange, judged.other):
            if exchange is not None and len(noted) < MAX_EXCHANGES_NOTED:
                # Kept together with its number, or another exchange could get the same id.
                noted.add(self.numbers.setdefault(id(exchange), (len(self.numbers), exchange))[0])

    def _keep(self, judged: Violation) -> bool:
        kept = self.failures.setdefault(judged.clause_id, [])
        if judged.case:
            return _keep_case(kept, judged)
        is_elsewhere = all(other.unmasked.at != judged.unmasked.at for other in kept)
        if (len(kept) >= MAX_CAUSES and not is_elsewhere) or any(other.unmasked == judged.unmasked for other in kept):
            return False
        is_new = all(other.finding != judged.finding for other in kept)
        if is_new:
            # The first failure at a new place is worth more than the fifth at a known one.
            del kept[MAX_CAUSES - 1 :]
            kept.append(judged)
        return is_new


def _keep_case(kept: list[Violation], judged: Violation) -> bool:
    """Keeps one failure of a client for each lookup, since each lookup has an answer of its own."""
    known = {(other.unmasked.at, other.case) for other in kept}
    is_new = (judged.unmasked.at, judged.case) not in known and len(kept) < MAX_CASES
    if is_new:
        kept.append(judged)
    return is_new


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one clause: a word, its counts (evaluated, failed), failures with different causes."""

    clause: Clause
    word: str
    evaluated: int = 0
    failed: int = 0
    failures: tuple[Violation, ...] = ()
    reason: str = ""


def by_edition(clauses: Iterable[Clause], verdict: Callable[[Clause], Verdict]) -> dict[str, tuple[Verdict, ...]]:
    """The *verdict* of each of *clauses* that binds in an edition, by edition."""
    found = [verdict(clause) for clause in clauses]
    return {edition: tuple(one for one in found if one.clause.binds(edition)) for edition in EDITIONS}


def results_of(verdicts: Mapping[str, Collection[Verdict]], error: str = "") -> dict[str, str]:
    """The result of a run by edition: that of its *verdicts*, or an error where there is one."""
    if error:
        return dict.fromkeys(verdicts, ERROR)
    return {edition: result_of(found) for edition, found in verdicts.items()}


def verdict_of(clause: Clause, tally: Tally, unclaimed: Mapping[str, str]) -> Verdict:
    """The verdict on *clause* before deviations; *unclaimed* gives the reason for each feature that is not offered."""
    evaluated, failed = tally.evaluated[clause.id], tally.failed[clause.id]
    failures = tuple(tally.failures.get(clause.id, ()))
    if failed:
        word = FAIL if clause.level == "MUST" else WARN
        return Verdict(clause, word, evaluated, failed, failures)
    missing = [reason for feature, reason in unclaimed.items() if feature in clause.needs]
    if missing:
        return Verdict(clause, UNCLAIMED, reason=missing[0])
    if evaluated:
        return Verdict(clause, PASS, evaluated)
    return Verdict(clause, UNTESTED, reason="no exchange checked it")


def apply_deviation(verdict: Verdict, deviation: Deviation | None) -> Verdict:
    """The verdict with a declared deviation: a failure becomes `deviates`, a pass makes the declaration `stale`."""
    if deviation is None:
        return verdict
    if verdict.word in (FAIL, WARN):
        return replace(verdict, word=DEVIATES, reason=deviation.reason)
    if verdict.word == PASS:
        return replace(verdict, word=STALE, reason=f"declared ({deviation.reason}), but the clause passes")
    return verdict


def result_of(verdicts: Iterable[Verdict]) -> str:
    """The result of a run, from the verdicts on the clauses of its edition."""
    words = {v.word for v in verdicts if v.clause.level == "MUST" or v.word in (DEVIATES, STALE)}
    if words & {FAIL, STALE}:
        return NONCONFORMANT
    if words == {PASS}:
        return CONFORMANT
    return PARTIAL
