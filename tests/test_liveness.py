"""Targets that end during a run, and targets that only fail at some requests."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from mutants.verified import plan
from test_verification import run, simulator, words

from ni_contract.drivers.provider.liveness import TargetEndedError
from ni_contract.exchanges.credentials import WRONG_SECRET, Credentials
from ni_contract.exchanges.sending import CUT_OFF
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge.verdicts import Tally
from ni_contract.runs.controls import MAX_REPEATED
from ni_contract.runs.ended import FROM_THEN_ON, judge_end
from ni_contract.runs.run import Run
from ni_contract.runs.session import Session

REFUSED = Failure("refused", "nothing listens there: the connection was refused")
CRASH = Failure("crash", "the target raised KeyError")
RESET = Failure("reset", "the connection was closed without an answer")
Sender = Callable[[Request], Request | Answer | Failure]


def _is_null(request: Request) -> bool:
    return request.body == b"null"


def leader(outcome: Run) -> str:
    return outcome.causes["documented"][0].clause_id


def ends_at(
    is_last: Callable[[Request], bool], first: Answer | Failure, later: Answer | Failure, pause: int = 10**9
) -> Sender:
    """A provider that gives *first* to the request that *is_last*, and then *later*, *pause* times."""
    left = 0

    def send(request: Request) -> Request | Answer | Failure:
        nonlocal left
        if left:
            left -= 1
            return later
        if is_last(request):
            left = pause
            return first
        return request

    return send


@pytest.mark.parametrize(
    ("first", "later"), [(RESET, REFUSED), (REFUSED, REFUSED), (Answer(500), Answer(500)), (CRASH, CRASH)]
)
def test_end_leads_with_its_request(first: Answer | Failure, later: Answer | Failure) -> None:
    """The request at which a target ended fails alone, and what was not sent is untested."""
    outcome = run(simulator(ends_at(_is_null, first, later)), plan(rate=4.0))
    assert leader(outcome) == "NIB-REQ-012"
    (cause,) = outcome.causes["documented"]
    found = next(v for v in outcome.verdicts["documented"] if v.clause.id == "NIB-REQ-012").failures[-1]
    assert found.finding.expected == FROM_THEN_ON
    assert found.exchange is not None
    assert outcome.asked[found.exchange.request]["body"] == "null"
    assert outcome.results["documented"] == "nonconformant"
    assert words(outcome)["NIB-AUT-010"] == "untested"
    assert cause.explains == ()


def test_end_in_drawn_requests_is_repeatable() -> None:
    """The request at which a target ended has the fields of a vector, although it is no fixed one."""
    outcome = run(simulator(ends_at(lambda one: "%22" in one.url, REFUSED, REFUSED)), plan(examples=1))
    verdict = next(v for v in outcome.verdicts["documented"] if v.clause.id == "NIB-REQ-012")
    assert verdict.failures[0].exchange is not None
    assert "%22" in outcome.asked[verdict.failures[0].exchange.request]["query"]


def test_end_at_signed_request_is_repeatable() -> None:
    """The request at which a target ended has the fields of its vector, however late it was signed."""
    outcome = run(simulator(ends_at(lambda one: "&sig=" in one.url, REFUSED, REFUSED)), plan(rate=4.0))
    verdict = next(v for v in outcome.verdicts["documented"] if v.clause.id == "NIB-REQ-012")
    assert verdict.failures[0].exchange is not None
    assert "{{sig}}" in outcome.asked[verdict.failures[0].exchange.request]["query"]


def test_restarted_server_is_asked_again() -> None:
    """Where a supervisor starts the server anew, the request that ended it fails, and nothing else."""
    outcome = run(simulator(ends_at(_is_null, RESET, REFUSED, 4)), plan(rate=4.0))
    assert [cause.clause_id for cause in outcome.causes["documented"]] == ["NIB-REQ-012"]
    assert words(outcome)["NIB-AUT-010"] == "pass"


def test_request_that_ends_each_server() -> None:
    """A request that is refused because it ended the new server too fails as one that was not answered."""

    def send(request: Request) -> Request | Failure:
        return REFUSED if request.body == b"null" else request

    outcome = run(simulator(send), plan(rate=4.0))
    (cause,) = outcome.causes["documented"]
    verdict = next(v for v in outcome.verdicts["documented"] if v.clause.id == cause.clause_id)
    assert cause.clause_id == "NIB-REQ-012"
    assert "then nothing listened there" in verdict.failures[0].finding.actual


@pytest.mark.parametrize(("failure", "times"), [(Answer(500), 4), (CRASH, 6), (RESET, 6)])
def test_errors_of_single_requests(failure: Answer | Failure, times: int) -> None:
    """HTTP 500, an exception or a closed connection for some requests, or for a second, is no end."""
    sent: list[Request] = []

    def send(request: Request) -> Request | Answer | Failure:
        sent.append(request)
        return failure if request.method == "POST" or 30 <= len(sent) < 30 + times else request

    outcome = run(simulator(send), plan(rate=4.0))
    assert not outcome.error
    assert words(outcome)["NIB-AUT-010"] == "pass"
    assert "NIB-REQ-002" in {cause.clause_id for cause in outcome.causes["documented"]}


def test_bodies_that_all_stop() -> None:
    """A run ends when the bodies of the first three answers have stopped."""
    outcome = run(simulator(lambda request: Failure(CUT_OFF, "the body stops")), plan())
    assert outcome.results["documented"] == "nonconformant"
    assert outcome.requests == 3
    assert leader(outcome) == "NIB-REQ-001"
    assert words(outcome)["NIB-AUT-001"] == "untested"


@pytest.mark.parametrize("page", [b"", b"<h1>Service Unavailable</h1>"])
def test_every_tenth_request_fails(page: bytes) -> None:
    """What fails only now and then is no matter of the requests that it hits, however many there are."""
    sent: list[Request] = []

    def send(request: Request) -> Request | Answer:
        sent.append(request)
        return Answer(503, body=page) if len(sent) % 10 == 0 else request

    outcome = run(simulator(send), plan(rate=4.0))
    assert leader(outcome) == "NIB-REQ-012"
    assert outcome.causes["documented"][0].failed > MAX_REPEATED


@pytest.mark.parametrize("answer", [Failure("crash", "the target raised KeyError"), Answer(500)])
def test_target_that_fails_from_the_start_is_judged(answer: Answer | Failure) -> None:
    """A server goes on after HTTP 500, and an application after an exception: what follows may be answered."""
    outcome = run(simulator(lambda request: request if WRONG_SECRET in request.url else answer), plan())
    assert (outcome.error, outcome.results["documented"]) == ("", "nonconformant")
    assert leader(outcome) == "NIB-REQ-001"
    assert "untested" not in {words(outcome)[clause_id] for clause_id in ("NIB-AUT-002", "NIB-REQ-012")}


def asked(vector: str, query: str) -> Exchange:
    return Exchange(Request("GET", f"http://h/ni/basic/json?{query}&api_key=k&api_secret=s"), RESET, f"vector {vector}")


USUAL, ODD, NONE = asked("usual", "number=447700900000"), asked("odd", "number=447Q"), asked("none", "country=GB")
MALFORMED = asked("malformed", "number=44%C3%28")


@pytest.mark.parametrize(
    ("under_way", "shown"),
    [((USUAL, USUAL), USUAL), ((USUAL, ODD), ODD), ((ODD, USUAL, NONE), NONE), ((NONE, MALFORMED, ODD), MALFORMED)],
    ids=("usual", "odd", "none", "malformed"),
)
def test_most_unusual_of_many_is_shown(under_way: tuple[Exchange, ...], shown: Exchange) -> None:
    """Where a target ends with several requests under way, all vectors are named."""
    session = cast("Session", SimpleNamespace(plan=SimpleNamespace(account=Credentials()), tally=Tally()))
    judge_end(session, TargetEndedError("it ended", under_way[:1], under_way[1:], is_fault=True))
    (found,) = session.tally.failures["NIB-REQ-012"]
    assert found.exchange == shown
    assert f"{len(under_way)} requests were under way at once ({names(under_way)})" in found.finding.actual


def names(exchanges: tuple[Exchange, ...]) -> str:
    return ", ".join(dict.fromkeys(one.origin.removeprefix("vector ") for one in exchanges))


def _has_a_number(request: Request) -> bool:
    return "number" in request.url or b"number" in request.body


def test_target_that_breaks_on_every_lookup_is_judged() -> None:
    """It answers a request without parameters, so it is there; each lookup breaks it, the first as well."""
    outcome = run(simulator(lambda request: RESET if _has_a_number(request) else request), plan())
    assert leader(outcome) == "NIB-REQ-001"
    assert outcome.results["documented"] == "nonconformant"


def test_target_that_breaks_on_everything_is_not_judged() -> None:
    outcome = run(simulator(lambda _request: RESET), plan())
    assert outcome.results["documented"] == "error"
    assert outcome.requests == 2
    assert "no answer from the target" in outcome.error
