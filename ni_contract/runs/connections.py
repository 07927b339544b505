"""The violations that only the connections of a run show: answers that spoil the next, and methods without any."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ni_contract.drivers.provider.target import Reconnecting, Reuse
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Exchange, Failure, Request
from ni_contract.judge import Violation
from ni_contract.judge.clauses.status import AN_ANSWER
from ni_contract.judge.unserved import ALWAYS_ANSWERED
from ni_contract.runs.session import Session

MIN_DROPPED: Final = 5  # times
# Of so many requests of other methods at most one may be dropped.
MIN_ANSWERED: Final = 20
_BODY_FOR_HEAD: Final = (
    "NIB-REQ-010",
    Finding(
        "body",
        "none: an answer to HEAD ends after its headers",
        "a body, with which the next answer over the connection begins",
    ),
)
_UNREAD_BODY: Final = (
    ALWAYS_ANSWERED,
    Finding(
        "the next request over the connection",
        "an answer to it: the body of this request is read, or the connection closed",
        "it is no request, because the body of this one stands before it",
    ),
)


def judge_connections(session: Session) -> None:
    """Adds the violations that show in what followed over the same connection."""
    if isinstance(session.target, Reconnecting):
        _judge_spilled(session, session.target.reuse)
        _judge_dropped(session, session.target.reuse)


def _judge_spilled(session: Session, all_reuse: Mapping[str, Reuse]) -> None:
    """Adds the violations of a body in the answer to HEAD, and of one that is not read: both spoil the next answer."""
    for method, reuse in all_reuse.items():
        if reuse.spilled:
            clause_id, finding = _BODY_FOR_HEAD if method == "HEAD" else _UNREAD_BODY
            words = f"{finding.actual}, {len(reuse.spilled)} times"
            _add(session, clause_id, reuse.spilled[0], replace(finding, actual=words))


def _judge_dropped(session: Session, all_reuse: Mapping[str, Reuse]) -> None:
    """Adds the violation of a method that is never answered over connections on which others are.

    A server may close an idle connection, whatever is sent next; one that does so for a method does not answer it.
    """
    for method, reuse in all_reuse.items():
        others = [other for name, other in all_reuse.items() if name != method]
        unanswered = sum(other.unanswered for other in others)
        are_others_answered = sum(other.count for other in others) > MIN_ANSWERED * unanswered + MIN_DROPPED
        if are_others_answered and MIN_DROPPED <= reuse.after_other == len(reuse.dropped):
            words = f"{method} after another method: never an answer, {reuse.after_other} times"
            finding = Finding("a connection that was used before", AN_ANSWER, words)
            _add(session, ALWAYS_ANSWERED, reuse.dropped[0], finding)


def _add(session: Session, clause_id: str, request: Request, finding: Finding) -> None:
    """Adds the violation of a request whose answer the connection shows to be wrong."""
    exchange = Exchange(request, Failure("reset", "the connection was closed without an answer"), "generated")
    violation = Violation(clause_id, exchange, finding, redact=session.plan.account.redactor())
    session.tally.add({clause_id: 1}, [violation])
