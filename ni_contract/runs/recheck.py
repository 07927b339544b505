"""Failures that may depend on other requests: compared with those, and the leading ones asked again alone."""

import re
from dataclasses import replace
from typing import Final

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.numbering import digits_of
from ni_contract.contract.vocabulary import BAD_CREDENTIALS
from ni_contract.drivers.provider.controls import Fields, value_of, with_value
from ni_contract.drivers.provider.driver import TimeIsUp, is_busy
from ni_contract.drivers.provider.numbers import plain_lookup, with_another_number
from ni_contract.drivers.provider.target import Reconnecting
from ni_contract.errors import HarnessError
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.known_secrets import signatures_in
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Violation, judge_provider
from ni_contract.judge.clauses.relation import Variation, compare, relate
from ni_contract.judge.clauses.status import judge_status
from ni_contract.judge.context import evaluation_context
from ni_contract.judge.root_causes import OTHER_NUMBER, REPEATED, are_of_state, is_of_state
from ni_contract.judge.verdicts import JudgedExchange
from ni_contract.runs.offered import is_offered
from ni_contract.runs.provider_run import leaders_of
from ni_contract.runs.session import Session

MAX_ASKED_AGAIN: Final = 3  # leading clauses of each edition
# Seconds by which a signature is made another one; too few for it to be too old.
OTHER_SECOND: Final = 10
WRONG_SECRET, OWN_ID = "NIB-AUT-002", "NIB-REL-008"
PASSED_ALONE: Final = "sent again alone, the request is answered rightly: it fails only beside or after others"
MAY_PASS_ALONE: Final = "the request may be answered rightly: its answer depends on others, or on when it is sent"
BUSY_ONLY: Final = "the answer is one of too many requests a second, and a single request gets another"
AT_ANOTHER_TIME: Final = Variation("NIB-REL-009", "format", "the same as for the same request at another time")
LOCKED: Final = (
    "the same credentials were accepted before; requests with wrong ones came between, and may have locked the account"
)
SIGNED_BEFORE: Final = "another request with the same signature was served before"
RIGHT_BEFORE: Final = "the same request was answered rightly before: it fails only beside or after others"


def name_earlier_requests(session: Session) -> None:
    """Sets the exchange to compare with where an answer is about the number of an earlier request."""
    failures = session.tally.failures.get(OTHER_NUMBER, [])
    failures[:] = [replace(found, other=_answered_before(session, found)) for found in failures]


def put_right_first(session: Session) -> None:
    """Has the failures of repeated requests expect the right one of both answers, where the other is wrong."""
    for clause_id in REPEATED:
        found = session.tally.failures.get(clause_id, [])
        found[:] = [_right_first(session, one) for one in found]


def _right_first(session: Session, found: Violation) -> Violation:
    """*found*, its exchanges and values swapped where its answer is right and the other is wrong."""
    one, other = found.exchange, found.other
    if one is None or other is None or _is_right(session, other) or not _is_right(session, one):
        return found
    first, second = (relate(evaluation_context(each, session.plan.account)) for each in (one, other))
    compared = first and second and compare(found.clause_id, first, second, AT_ANOTHER_TIME)
    if not compared or compared.finding is None:
        return found
    return replace(found, exchange=other, other=one, unmasked=compared.finding)


def _is_right(session: Session, exchange: Exchange) -> bool:
    """Whether the status of the answer keeps a clause of one edition at least, whatever was answered before."""
    results = judge_status(evaluation_context(exchange, session.plan.account, ()))
    return any(not isinstance(result, Finding) for _, result in results)


def _answered_before(session: Session, found: Violation) -> Exchange | None:
    """The exchange before *found* that was rightly answered with the number of its answer, best for its digits."""
    # Not within a longer number.
    number = re.compile(rb"(?<!\d)%b(?!\d)" % re.escape(found.unmasked.actual.strip("'").encode()))
    places = [place for place, one in enumerate(session.tally.judged) if one.exchange is found.exchange]
    before = [one.exchange for one in session.tally.judged[: min(places, default=None)] if OTHER_NUMBER in one.kept]
    named = [one for one in before if isinstance(one.answer, Answer) and number.search(one.answer.body)]
    alike = [one for one in named if _digits_asked(session, one) == _digits_asked(session, found.exchange)]
    return next(iter((*alike, *named)), None)


def _digits_asked(session: Session, exchange: Exchange | None) -> str:
    fields = exchange and session.driver.asked.get(exchange.request)
    return digits_of((fields and value_of(fields, "number")) or "")


def ask_again(session: Session) -> None:
    """Says of the first failure of each leading clause whether it is seen when its request is sent alone."""
    failures = session.tally.failures
    is_one_served = any(status_of(one.exchange) == 0 for one in session.tally.judged)
    for clause_id in leaders_of(session):
        first = failures[clause_id][0]
        if is_one_served and first.exchange is not None and is_busy(first.exchange):
            failures[clause_id][0] = replace(first, alone=BUSY_ONLY)
    # A declared rate may be used up, and then the answer is Busy.
    if not session.has_controls or session.plan.only or session.plan.claims.throttle is not None:
        return
    if isinstance(session.target, Reconnecting):
        session.target.reconnect()
    for clause_id in tuple(leaders_of(session, MAX_ASKED_AGAIN)):
        if not failures[clause_id][0].alone:
            failures[clause_id][0] = _asked_again(session, failures[clause_id][0])
    is_stateful = any(are_of_state(clause_id, found) for clause_id, found in failures.items())
    # Asking again may have found further failures.
    for clause_id in leaders_of(session):
        first = failures[clause_id][0]
        failures[clause_id][0] = replace(first, alone=first.alone or _without_asking(session, first, is_stateful))


def _asked_again(session: Session, found: Violation) -> Violation:
    """*found* with why it may not be seen alone, as further requests show; unchanged where they show nothing."""
    try:
        if (before := _signed_before(session, found)) is not None:
            return replace(found, alone=SIGNED_BEFORE, other=before)
        return replace(found, alone=_by_asking(session, found))
    except (HarnessError, TimeIsUp):
        return found


def _by_asking(session: Session, found: Violation) -> str:
    """Why the failure may not be seen alone, as further requests show; "" where they show nothing."""
    why = _seen_alone(session, found)
    if why or _may_be_locked(session, found):
        return why
    if _is_kept_of_others(session, found) or _is_broken_since(session, found.clause_id):
        return MAY_PASS_ALONE
    return ""


def _without_asking(session: Session, found: Violation, is_stateful: bool) -> str:
    """Why the failure may not be seen alone, as the other failures of the run show."""
    if _may_be_locked(session, found):
        return LOCKED
    if is_stateful and (found.clause_id == AT_ANOTHER_TIME.clause_id or not is_of_state(found)):
        return MAY_PASS_ALONE
    return ""


def _may_be_locked(session: Session, found: Violation) -> bool:
    """Whether right credentials were refused that were accepted before wrong ones came."""
    is_refused = found.exchange is not None and status_of(found.exchange) == BAD_CREDENTIALS
    are_wrong_refused = session.tally.evaluated[WRONG_SECRET] > 0 == session.tally.failed[WRONG_SECRET]
    return found.clause_id in REPEATED and is_refused and are_wrong_refused


def _signed_before(session: Session, found: Violation) -> Exchange | None:
    """A request with the same signature that was served before, where another signature is not refused."""
    refused = found.exchange
    if refused is None or found.clause_id in REPEATED or status_of(refused) != BAD_CREDENTIALS:
        return None
    before, fields = _served_with_signature(session, refused), session.driver.asked.get(refused.request)
    if before is None or fields is None or "sign" not in fields:
        return None
    sign = {**fields["sign"], "seconds_ago": fields["sign"].get("seconds_ago", 0) + OTHER_SECOND}
    if _sent(session, {**fields, "sign": sign}, found.clause_id):
        return before
    return None


def _served_with_signature(session: Session, refused: Exchange) -> Exchange | None:
    """The first exchange with the signature of *refused* that was served, if it was not sent later."""
    signatures, sent_at = _signatures(refused.request), refused.sent_at or 0.0
    served = (one.exchange for one in session.tally.judged if signatures and status_of(one.exchange) == 0)
    alike = (one for one in served if signatures & _signatures(one.request))
    return next((one for one in alike if (one.sent_at or 0.0) <= sent_at), None)


def _signatures(request: Request) -> set[str]:
    return set(signatures_in(request))


def _seen_alone(session: Session, found: Violation) -> str:
    """Why the failure may not be seen alone; "" where it is, or where that cannot be known."""
    asked = [session.driver.asked.get(one.request) for one in (found.other, found.exchange) if one is not None]
    requests = [fields for fields in asked if fields is not None]
    if found.control is not None or found.exchange is None or len(requests) < len(asked):
        return ""
    # What is wrong with an id may be right the next time, whatever else is sent.
    if found.unmasked.is_about_request_id and found.clause_id != OWN_ID:
        return ""
    if any(one.exchange in (found.exchange, found.other) and not is_offered(session, one) for one in session.sent):
        return ""
    is_right_before = any(_was_right(one, found) for one in session.tally.judged)
    answers = [_sent(session, fields, found.clause_id) for fields in requests]
    if answers[-1] is True:
        return PASSED_ALONE
    return RIGHT_BEFORE if is_right_before else ""


def _is_kept_of_others(session: Session, found: Violation) -> bool:
    """Whether the request, wrongly served, is so for another number only once that has been looked up.

    The numbers beside it, which were not looked up, are refused; the provider may keep refusals too.
    """
    if found.exchange is None or found.other or session.known or status_of(found.exchange) != 0:
        return False
    fields = session.driver.asked.get(found.exchange.request)
    if fields is None:
        return False
    one, other, another = (with_another_number(fields, changed) for changed in (1, 2, 3))
    digits = digits_of(value_of(other, "number") or "")
    warming = [first for first in (plain_lookup(digits), with_value(other, "number", digits)) if first != other]
    if not warming or fields in (one, other, another) or _is_served(session, one) or _is_served(session, another):
        return False
    for first in warming:
        session.driver.ask(first, "control")
    return _is_served(session, other)


def _is_served(session: Session, fields: Fields) -> bool:
    return status_of(session.driver.ask(fields, "control")) == 0


def _is_broken_since(session: Session, clause_id: str) -> bool:
    """Whether the first request that kept the clause breaks it now."""
    kept = next((one.exchange for one in session.tally.judged if clause_id in one.kept), None)
    fields = kept and session.driver.asked.get(kept.request)
    if not fields:
        return False
    return _sent(session, fields, clause_id) is False


def _sent(session: Session, fields: Fields, clause_id: str) -> bool | None:
    """Whether the answer to *fields* keeps the clause now; None where that cannot be said."""
    exchange = session.driver.ask(fields, "control")
    before = session.tally.evaluated[clause_id]
    broken = session.take(exchange, fields, session.serves(fields))
    if any(one.clause_id == clause_id for one in broken):
        return False
    if session.tally.evaluated[clause_id] > before or _does_not_apply(session, exchange, clause_id):
        return True
    return None


def _does_not_apply(session: Session, exchange: Exchange, clause_id: str) -> bool:
    """Whether a clause that looks at one exchange does not apply to this one, which has a right status."""
    broken = {one for one, _ in judge_provider(evaluation_context(exchange, session.plan.account, ())).broken}
    is_of_one = load_catalogue()[clause_id].kind != "relation"
    return is_of_one and clause_id not in broken and _is_right(session, exchange)


def _was_right(one: JudgedExchange, found: Violation) -> bool:
    """Whether the same request was judged right."""
    is_same = found.exchange is not None and one.exchange.request == found.exchange.request
    return is_same and found.other is None and found.clause_id in one.kept
