"""The leading failures of a run, asked again alone: whether they depend on other requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ni_contract.drivers.provider.driver import TimeIsUp
from ni_contract.drivers.provider.target import Reconnecting
from ni_contract.drivers.provider.vectors import build_request
from ni_contract.errors import HarnessError
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Judge, Violation
from ni_contract.judge.root_causes import OTHER_NUMBER, is_of_state
from ni_contract.judge.verdicts import JudgedExchange
from ni_contract.runs.session import Session

MAX_ASKED_AGAIN: Final = 3
PASSED_ALONE: Final = "sent again alone, the request is answered rightly: it fails only beside or after others"
MAY_PASS_ALONE: Final = "the request may be answered rightly: the provider keeps something of other requests"
RIGHT_BEFORE: Final = "the same request was answered rightly before: it fails only beside or after others"


def name_earlier_requests(session: Session) -> None:
    """Sets the exchange to compare with where an answer is about the number of an earlier request."""
    failures = session.tally.failures.get(OTHER_NUMBER, [])
    failures[:] = [replace(found, other=_answered_before(session, found)) for found in failures]


def _answered_before(session: Session, found: Violation) -> Exchange | None:
    """The exchange before *found* that was rightly answered with the number of its answer."""
    number = found.unmasked.actual.strip("'").encode()
    for one in session.tally.judged:
        if one.exchange is found.exchange:
            return None
        if OTHER_NUMBER in one.kept and isinstance(one.exchange.answer, Answer) and number in one.exchange.answer.body:
            return one.exchange
    return None


def ask_again(session: Session, leaders: Iterator[str]) -> None:
    """Says of the first failures of *leaders* (clause ids) whether they are seen when their requests are sent alone."""
    if not session.has_controls or session.plan.only:
        return
    is_stateful = any(map(is_of_state, (found for kept in session.tally.failures.values() for found in kept)))
    if isinstance(session.target, Reconnecting):
        session.target.reconnect()
    for place, clause_id in enumerate(leaders):
        first, *others = session.tally.failures[clause_id]
        alone = _seen_alone(session, first) if place < MAX_ASKED_AGAIN else ""
        if not alone and is_stateful and not is_of_state(first):
            alone = MAY_PASS_ALONE
        session.tally.failures[clause_id] = [replace(first, alone=alone), *others]


def _seen_alone(session: Session, found: Violation) -> str:
    """Why the failure may not be seen alone; "" where it is, or where that cannot be known."""
    requests = [session.asked.get(one.request) for one in (found.other, found.exchange) if one is not None]
    if found.control is not None or found.exchange is None or None in requests:
        return ""
    judge, again = Judge(session.plan.account, strict=True), []
    try:
        for fields in filter(None, requests):
            build = lambda fields=fields: build_request(  # noqa: E731
                fields, session.target.base_url, session.plan.account, session.driver.clock()
            )
            again = judge.provider(session.driver.send_patiently(build, "control"))
    except (HarnessError, TimeIsUp):
        return ""
    if judge.evaluated[found.clause_id] and all(one.clause_id != found.clause_id for one in again):
        return PASSED_ALONE
    if any(_is_right(one, found) for one in session.tally.judged):
        return RIGHT_BEFORE
    return ""


def _is_right(one: JudgedExchange, found: Violation) -> bool:
    """Whether the same request was judged right."""
    is_same = found.exchange is not None and one.exchange.request == found.exchange.request
    return is_same and found.other is None and found.clause_id in one.kept
