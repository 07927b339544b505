"""The judge: pure functions from exchanges to judgements. No network, no pytest, no clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from ni_contract.contract.catalogue import credential_clauses
from ni_contract.contract.vocabulary import HTTP_OK
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding, shorten
from ni_contract.exchanges.redaction import Redactor
from ni_contract.exchanges.values import Exchange
from ni_contract.judge.clauses.answer import answer_checks
from ni_contract.judge.clauses.facts import FACTS, Stated
from ni_contract.judge.clauses.form import form_of
from ni_contract.judge.clauses.observed_status import FORMAT_CLAUSE, format_follows_accept, wrong_format
from ni_contract.judge.clauses.relation import Comparable, Relations, relate
from ni_contract.judge.clauses.request import REQUEST
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Judgement, Result
from ni_contract.judge.clauses.secret import SECRET
from ni_contract.judge.clauses.status import judge_status
from ni_contract.judge.clauses.throttle import judge_throttle
from ni_contract.judge.context import EXCUSED, EvaluationContext, evaluation_context
from ni_contract.judge.likeness import Likeness
from ni_contract.judge.repetition import BrokenClause, KeptResult, Repetitions

T = TypeVar("T")


@dataclass(frozen=True)
class Violation:
    """A clause that an exchange breaks: its id, the exchange, the finding, the exchange that it was compared with.

    A client's lookup may have no exchange; *reported* is its outcome, in words, *is_untold* whether there is none, and
    *case* names the lookup. *control* is the same request without the characteristic that causes the failure, rightly
    answered. *alone* says why the failure may not be seen when its request is sent alone. *last*: the last exchange of
    the lookup, where another one shows the failure. A provider may send a secret back: *unmasked* is for comparing
    only, `finding` is for output.
    """

    clause_id: str
    exchange: Exchange | None
    unmasked: Finding = field(repr=False)
    other: Exchange | None = None
    reported: str = ""
    is_untold: bool = False
    case: str = ""
    control: Exchange | None = None
    alone: str = ""
    last: Exchange | None = None
    redact: Redactor | None = field(default=None, repr=False, compare=False)

    @cached_property
    def finding(self) -> Finding:
        """The finding, without secrets and short; computed on demand, because most findings are never shown."""
        found = self.unmasked
        if self.redact is None:
            return found
        return Finding(found.at, shorten(self.redact(found.expected)), shorten(self.redact(found.actual)))


class Judge:
    """Judges exchanges one after the other; relations compare each with earlier ones.

    *account* holds the credentials that are valid at the provider, None when they are not known. `evaluated` counts for
    each clause the exchanges to which it applied, since `counted` was called. *strict*: the account is known to be
    neither busy nor out of credit, so that status 1 and 9 excuse nothing.
    """

    def __init__(self, account: Credentials | None = None, strict: bool = False) -> None:
        self._excused = () if strict else EXCUSED
        self.evaluated: Counter[str] = Counter()
        self._account = account
        self._redact = account.redactor() if account is not None else Redactor()
        self._relations, self._repetitions = Relations(), Repetitions(account)

    def provider(self, exchange: Exchange, is_excused: bool = False) -> list[Violation]:
        """The clauses that the provider broke in *exchange*, alone or compared with earlier ones.

        *is_excused*: status 1 and 9 are excused, even if the judge is strict.
        """
        excused = EXCUSED if is_excused else self._excused
        alike = self._repetitions.likeness(exchange)
        kept = alike and self._repetitions.get((alike.key, excused))
        if alike is None or kept is None:
            return self._judge_new(exchange, excused, alike)
        request_id = alike.request_id.decode()
        broken = self._count(exchange, kept.held, kept.broken_with(request_id))
        return broken + self._relate(exchange, request_id, alike.related(kept.related, exchange))

    def _judge_new(self, exchange: Exchange, excused: tuple[int, ...], alike: Likeness | None) -> list[Violation]:
        reading = evaluation_context(exchange, self._account, excused)
        said, related = judge_provider(reading), relate(reading)
        if alike is not None:
            result = KeptResult(tuple(said.held), tuple(said.broken), reading.request_id, related)
            if alike.stands_for_others(reading, result.findings_without_id()):
                self._repetitions.keep((alike.key, excused), result)
        return self._count(exchange, said.held, said.broken) + self._relate(exchange, reading.request_id, related)

    def _relate(self, exchange: Exchange, request_id: str, related: Comparable | None) -> list[Violation]:
        broken = []
        for found in self._relations.add(exchange, request_id, related):
            self.evaluated[found.clause_id] += 1
            if found.finding is not None:
                broken.append(self._judged(found.clause_id, found.second, found.finding, found.first))
        return broken

    def client(self, exchange: Exchange) -> list[Violation]:
        """The clauses that the client broke by the request of *exchange*."""
        said = judge_request(evaluation_context(exchange, self._account))
        return self._count(exchange, said.held, said.broken)

    def recording(self, exchange: Exchange) -> list[Violation]:
        """The clauses that the recording of *exchange* breaks, by containing secrets."""
        said = judge_recording(evaluation_context(exchange, self._account))
        return self._count(exchange, said.held, said.broken)

    def throttle(self, exchanges: Iterable[Exchange], rate: int) -> list[Violation]:
        """The clauses broken in a burst: *exchanges* in the order sent, to an account of *rate* requests a second."""
        readings = [evaluation_context(exchange, self._account) for exchange in exchanges]
        broken = []
        for clause_id, exchange, finding in judge_throttle(readings, rate):
            self.evaluated[clause_id] += 1
            if finding is not None:
                broken.append(self._judged(clause_id, exchange, finding))
        return broken

    def counted(self) -> Counter[str]:
        """The counts since the last call."""
        taken, self.evaluated = self.evaluated, Counter()
        return taken

    def _count(self, exchange: Exchange, held: Iterable[str], broken: Sequence[BrokenClause]) -> list[Violation]:
        self.evaluated.update(held)
        if not broken:
            return []
        self.evaluated.update([clause_id for clause_id, _ in broken])
        return [self._judged(clause_id, exchange, finding) for clause_id, finding in broken]

    def _judged(self, clause_id: str, exchange: Exchange, finding: Finding, other: Exchange | None = None) -> Violation:
        return Violation(clause_id, exchange, finding, other, redact=self._redact)


class ClauseResults:
    """The results of all clauses for one exchange: the ids of the clauses that hold, the findings of those broken."""

    __slots__ = ("broken", "held")

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        self.held: list[str] = []
        self.broken: list[BrokenClause] = []
        for clause_id, result in judgements:
            self.add(clause_id, result)

    def add(self, clause_id: str, result: Result) -> None:
        """Adds the result of a clause; a clause that does not apply adds nothing."""
        if result is PASSED:
            self.held.append(clause_id)
        elif isinstance(result, Finding):
            self.broken.append((clause_id, result))


def judge_provider(reading: EvaluationContext) -> ClauseResults:
    """The results of the answer and exchange clauses for one exchange alone."""
    return _stated(reading, _judge_answer(reading))


def _stated(reading: EvaluationContext, said: ClauseResults) -> ClauseResults:
    """*said* without results about values that the recording lacks: masked credentials, templates."""
    if unsaid := _unsaid(reading):
        said.broken = [(clause_id, finding) for clause_id, finding in said.broken if finding.at not in unsaid]
    if reading.credential.masked:
        hidden = credential_clauses()
        said.held = [clause_id for clause_id in said.held if clause_id not in hidden]
        said.broken = [(clause_id, finding) for clause_id, finding in said.broken if clause_id not in hidden]
    return said


def _unsaid(reading: EvaluationContext) -> tuple[str, ...]:
    """The places whose value the recording lacks: templates, and the type that a stub leaves out."""
    answered, templated = reading.answered, reading.exchange.templated
    if reading.exchange.partial and answered is not None and answered.content_type is None:
        return (*templated, "header Content-Type")
    return templated


def _judge_answer(reading: EvaluationContext) -> ClauseResults:
    answered = reading.answered
    if answered is None and reading.failure is None:
        return ClauseResults()
    said = ClauseResults(judge_status(reading))
    if answered is None or not reading.is_lookup:
        return said
    if format_follows_accept(reading):
        if all(clause_id != FORMAT_CLAUSE for clause_id, _ in said.broken):
            said.add(*wrong_format(answered))
        return said
    if answered.problem is None and (answered.http_status == HTTP_OK or answered.status is not None):
        form_of(answered.is_xml).judge(answered, said.held, said.broken)
    _run(answer_checks(answered), answered, said)
    if answered.status == 0:
        _run(FACTS.checks, Stated(answered, reading), said)
    return said


def _run(checks: Iterable[tuple[str, Callable[[T], Result]]], subject: T, said: ClauseResults) -> ClauseResults:
    """*said* with the results of *checks*. A clause that holds, the usual case, costs one append."""
    held = said.held.append
    for clause_id, check in checks:
        result = check(subject)
        if result is PASSED:
            held(clause_id)
        elif result is not NOT_APPLICABLE:
            said.broken.append((clause_id, result))
    return said


def judge_request(reading: EvaluationContext) -> ClauseResults:
    """The results of the request clauses for one request."""
    return _stated(reading, _run(REQUEST.checks, reading, ClauseResults()))


def judge_recording(reading: EvaluationContext) -> ClauseResults:
    """The results of the clauses about secrets for one recorded exchange."""
    return _run(SECRET.checks, reading, ClauseResults())
