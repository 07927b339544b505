"""The leading failures of a run, asked again alone: whether they depend on other requests."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.driver import TimeIsUp
from ni_contract.drivers.provider.target import Reconnecting
from ni_contract.errors import HarnessError
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Violation
from ni_contract.judge.clauses.status import AN_ANSWER
from ni_contract.judge.root_causes import OTHER_NUMBER, is_of_state
from ni_contract.judge.unserved import ALWAYS_ANSWERED
from ni_contract.judge.verdicts import JudgedExchange
from ni_contract.runs.offered import is_offered
from ni_contract.runs.session import Session

MAX_ASKED_AGAIN: Final = 3
MIN_DROPPED: Final = 5  # times
# Of so many requests of other methods at most one may be dropped.
MIN_ANSWERED: Final = 20
HEAD: Final = "NIB-REQ-010"
PASSED_ALONE: Final = "sent again alone, the request is answered rightly: it fails only beside or after others"
MAY_PASS_ALONE: Final = "the request may be answered rightly: the provider keeps something of other requests"
RIGHT_BEFORE: Final = "the same request was answered rightly before: it fails only beside or after others"


def name_earlier_requests(session: Session) -> None:
    """Sets the exchange to compare with where an answer is about the number of an earlier request."""
    failures = session.tally.failures.get(OTHER_NUMBER, [])
    failures[:] = [replace(found, other=_answered_before(session, found)) for found in failures]


def judge_dropped(session: Session) -> None:
    """Adds the violation of a provider that drops one method over connections on which it answers others.

    A server may close an idle connection, whatever is sent next; one that does so for a method does not answer it. One
    that writes a body for HEAD spoils the answer after it.
    """
    if not isinstance(session.target, Reconnecting):
        return
    all_reuse = session.target.reuse
    if spilled := all_reuse["HEAD"].spilled:
        words = f"a body, with which the next answer over the connection begins, {len(spilled)} times"
        _add(session, HEAD, spilled[0], Finding("body", "none: an answer to HEAD ends after its headers", words))
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


def _answered_before(session: Session, found: Violation) -> Exchange | None:
    """The exchange before *found* that was rightly answered with the number of its answer."""
    number = found.unmasked.actual.strip("'").encode()
    for one in session.tally.judged:
        if one.exchange is found.exchange:
            return None
        if OTHER_NUMBER in one.kept and isinstance(one.exchange.answer, Answer) and number in one.exchange.answer.body:
            return one.exchange
    return None


def ask_again(session: Session, leaders: Sequence[str]) -> None:
    """Says of the first failures of *leaders* (clause ids) whether they are seen when their requests are sent alone."""
    # A declared rate may be used up, and then the answer is Busy.
    if not session.has_controls or session.plan.only or session.plan.claims.throttle is not None:
        return
    failures = session.tally.failures
    is_stateful = any(map(is_of_state, chain.from_iterable(failures.values())))
    if isinstance(session.target, Reconnecting):
        session.target.reconnect()
    for place, clause_id in enumerate(leaders):
        first = failures[clause_id][0]
        alone = ""
        if place < MAX_ASKED_AGAIN:
            alone = _seen_alone(session, first)
        if not alone and is_stateful and not is_of_state(first):
            alone = MAY_PASS_ALONE
        failures[clause_id][0] = replace(first, alone=alone)


def _seen_alone(session: Session, found: Violation) -> str:
    """Why the failure may not be seen alone; "" where it is, or where that cannot be known."""
    asked = [session.asked.get(one.request) for one in (found.other, found.exchange) if one is not None]
    requests = [fields for fields in asked if fields is not None]
    if found.control is not None or found.exchange is None or len(requests) < len(asked):
        return ""
    # What is wrong with an id may be right the next time, whatever else is sent.
    if found.unmasked.is_about_request_id:
        return ""
    if any(one.exchange in (found.exchange, found.other) and not is_offered(session, one) for one in session.sent):
        return ""
    is_right_before = any(_is_right(one, found) for one in session.tally.judged)
    try:
        answers = [_sent(session, fields, found.clause_id) for fields in requests]
    except (HarnessError, TimeIsUp):
        return ""
    if answers[-1] is True:
        return PASSED_ALONE
    return RIGHT_BEFORE if is_right_before else ""


def _sent(session: Session, fields: Fields, clause_id: str) -> bool | None:
    """Whether the answer to *fields* keeps the clause now; None where the clause does not apply."""
    exchange = session.driver.ask(fields, "control")
    before = session.tally.evaluated[clause_id]
    broken = session.take(exchange, fields, session.serves(fields))
    if any(one.clause_id == clause_id for one in broken):
        return False
    return True if session.tally.evaluated[clause_id] > before else None


def _is_right(one: JudgedExchange, found: Violation) -> bool:
    """Whether the same request was judged right."""
    is_same = found.exchange is not None and one.exchange.request == found.exchange.request
    return is_same and found.other is None and found.clause_id in one.kept
