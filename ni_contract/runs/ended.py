"""A target that ends, or is Busy for good: the request at which that began is judged, and what follows is not."""

from typing import Final

from ni_contract.drivers.provider.driver import is_busy
from ni_contract.drivers.provider.liveness import TargetEndedError
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Failure
from ni_contract.judge import Violation
from ni_contract.judge.clauses.open_requests import is_malformed
from ni_contract.judge.clauses.request import NUMBER_CHARACTERS
from ni_contract.judge.context import EvaluationContext, evaluation_context
from ni_contract.judge.unserved import ALWAYS_ANSWERED
from ni_contract.runs.session import Session

SERVED, NOT_BUSY = "NIB-NUM-001", "status 0: a single request after a pause of a second is served"
FROM_THEN_ON: Final = "an answer to this request, and to those after it"
ONE_AT_A_TIME: Final = "and any of them may be the cause: `verify --jobs 1` sends one at a time"
# What requests are about, from the likeliest cause of an end to the least likely.
_MALFORMED, _NO_NUMBER, _ODD_NUMBER, _USUAL = range(4)


def leave_out_unanswered(session: Session, problem: BaseException) -> None:
    """Takes out of *session* what the target left unanswered because it had ended."""
    if isinstance(problem, TargetEndedError):
        unanswered = set(map(id, problem.unanswered))
        session.sent[:] = [one for one in session.sent if id(one.exchange) not in unanswered]


def judge_end(session: Session, problem: TargetEndedError) -> None:
    """Adds the violation of the request at which the target ended; what was not sent is untested."""
    session.partial = str(problem).partition(";")[0]
    first = _suspect(session, problem)
    if first is None:
        return
    if is_busy(first):
        finding = Finding("status", NOT_BUSY, "status 1, and the same from then on, however slowly it is asked")
        _add(session, SERVED, first, finding)
        return
    answer = first.answer
    words = f"HTTP {answer.http_status}" if isinstance(answer, Answer) else f"no answer: {answer.message}"
    words = f"{words}, and the same from then on"
    if problem.beside:
        words = f"{words}; {_under_way(problem)}, {ONE_AT_A_TIME}"
    _add(session, ALWAYS_ANSWERED, first, Finding("HTTP status", FROM_THEN_ON, words))


def _add(session: Session, clause_id: str, exchange: Exchange, finding: Finding) -> None:
    violation = Violation(clause_id, exchange, finding, redact=session.plan.account.redactor())
    session.tally.add({clause_id: 1}, [violation], exchange)


def _under_way(problem: TargetEndedError) -> str:
    """How many requests were under way when the target ended, with the ids of those that are vectors."""
    origins = dict.fromkeys(one.origin for one in (*problem.unanswered, *problem.beside))
    vectors = [origin.removeprefix("vector ") for origin in origins if origin.startswith("vector ")]
    named = f" ({', '.join(vectors)})" if vectors else ""
    return f"{1 + len(problem.beside)} requests were under way at once{named}"


def _suspect(session: Session, problem: TargetEndedError) -> Exchange | None:
    """The exchange that was left unanswered first; of several vectors under way at once, the most unusual one.

    What the server did not take any more, because it had ended, is not the cause.
    """

    def less_likely(one: Exchange) -> tuple[int, bool]:
        was_ended = isinstance(one.answer, Failure) and one.answer.kind == "refused" and not one.answer.under_way
        is_one_of_many = problem.beside and one.origin != "generated"
        usualness = _usualness(evaluation_context(one, session.plan.account, ())) if is_one_of_many else _USUAL
        return usualness, was_ended

    return min((*problem.unanswered, *problem.beside), key=less_likely, default=None)


def _usualness(reading: EvaluationContext) -> int:
    """How usual a request is."""
    if is_malformed(reading):
        return _MALFORMED
    number = reading.asked.get("number")
    if not number:
        return _NO_NUMBER
    return _USUAL if NUMBER_CHARACTERS.fullmatch(number) else _ODD_NUMBER
