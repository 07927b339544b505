"""Bursts of requests at the edges of a rate limit: what each clause about it says of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from edges import answer_to, changed
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, get

from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge.clauses.throttle import judge_throttle
from ni_contract.judge.context import EvaluationContext, evaluation_context
from ni_contract.runs.limits import before_busy
from ni_contract.runs.session import Session

SERVED, REFUSED = get(NUMBER, *KEYS), get(NUMBER, KEYS[0], ("api_secret", "no"))
OF_NO_LENGTH = get(("number", "12"), *KEYS)
BUSY = changed(REFUSED, status=1, error_text="Busy", status_message="Busy")
RATE = 2


def reading(request: Request, answer: Answer, sent_at: float | None) -> EvaluationContext:
    return evaluation_context(Exchange(request, answer, "provider", sent_at), ACCOUNT)


def burst(*parts: tuple[Request, Answer, float | None]) -> dict[str, str]:
    """What was expected and what came, by clause; "" where it holds."""
    found = judge_throttle([reading(*part) for part in parts], RATE)
    return {
        clause_id: "" if finding is None else f"{finding.expected}: {finding.actual}" for clause_id, _, finding in found
    }


def served(*times: float | None) -> list[tuple[Request, Answer, float | None]]:
    return [(SERVED, answer_to(SERVED), time) for time in times]


def busy(*times: float | None) -> list[tuple[Request, Answer, float | None]]:
    return [(SERVED, BUSY, time) for time in times]


NEVER_BUSY = "1 for some of 5 requests within 1 s, at 2 a second: none of them was answered with status 1"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # Two of one second and two of the next: a limit by the second of the clock lets four pass, and no fifth.
        ((NOW, NOW, NOW, NOW, NOW), {}),
        ((NOW, NOW, NOW, NOW, NOW, NOW), {"NIB-REL-010": NEVER_BUSY}),
        ((NOW, NOW + 0.1, NOW + 0.2, NOW + 0.3, NOW + 0.4, NOW + 1.1), {}),
        ((NOW, NOW + 0.1, NOW + 0.2, NOW + 0.3, NOW + 0.4, NOW + 0.9), {"NIB-REL-010": NEVER_BUSY}),
        ((NOW, NOW + 2, NOW + 4, NOW + 6, NOW + 8, NOW + 10), {}),
        ((), {}),
    ],
)
def test_unlimited_burst_fails_when_crowded(times: tuple[float, ...], expected: dict[str, str]) -> None:
    """Without a busy answer, only more requests than any limit of the rate lets pass fail."""
    assert burst(*served(*times)) == expected


def test_refused_requests_count_not() -> None:
    """Requests with wrong credentials, and those that were refused as too many, are no load of the account."""
    refused = [(REFUSED, answer_to(REFUSED), float(NOW))] * 6
    assert burst(*refused) == {}
    assert burst(*served(NOW, NOW), *busy(*[NOW] * 6)) == {"NIB-REL-010": ""}


def test_limit_by_http_status_is_shown() -> None:
    """A gateway's HTTP 429 is no answer Busy."""
    too_many = (SERVED, Answer(429), float(NOW))
    found = burst(*served(*[NOW] * 6), too_many)
    assert found["NIB-REL-010"].startswith("1 for some of 5 requests within 1 s, at 2 a second: HTTP 429")


@pytest.mark.parametrize(
    ("request_", "before", "expected"),
    [
        (SERVED, 2, "status 1 once 2 requests were sent in a second: HTTP 500 without an answer of the API"),
        # These have causes of their own.
        (SERVED, 1, None),
        (REFUSED, 2, None),
        (OF_NO_LENGTH, 2, None),
    ],
)
def test_crash_beyond_the_rate_fails(request_: Request, before: int, expected: str | None) -> None:
    """HTTP 5xx for a right request, once there were too many, is in the place of the answer Busy."""
    assert burst(*served(*[NOW] * before), (request_, Answer(500), NOW)).get("NIB-REL-010") == expected


def test_crash_at_a_slower_pace_is_no_matter_of_the_limit() -> None:
    """Less than the rate was sent in the second before it: another clause tells of it."""
    assert burst(*served(NOW, NOW + 0.6), (SERVED, Answer(500), NOW + 1.2), *busy(NOW + 1.3)) == {"NIB-REL-010": ""}


def test_early_busy_answer_fails() -> None:
    assert burst(*served(NOW), *busy(NOW)) == {"NIB-REL-010": "status 1 after 2 requests in a second: after 1"}
    assert burst(*served(NOW, NOW), *busy(NOW)) == {"NIB-REL-010": ""}


def test_pause_ends_the_limit() -> None:
    """The first request more than a second after a busy answer is served."""
    start = [*served(NOW, NOW), *busy(NOW)]
    assert burst(*start, *served(NOW + 1.5)) == {"NIB-REL-010": "", "NIB-REL-011": ""}
    assert burst(*start, *busy(NOW + 1.5)) == {"NIB-REL-010": "", "NIB-REL-011": "0 once a second has passed: 1"}
    assert burst(*start, *busy(NOW + 1)) == {"NIB-REL-010": ""}
    assert burst(*start, *busy(None)) == {"NIB-REL-010": ""}


@pytest.mark.parametrize(
    ("request_", "answer", "expected"),
    [
        (REFUSED, answer_to(REFUSED), {"NIB-REL-014": ""}),
        (REFUSED, BUSY, {"NIB-REL-014": "4: 1"}),
        (OF_NO_LENGTH, BUSY, {"NIB-REL-014": ""}),
        (OF_NO_LENGTH, answer_to(OF_NO_LENGTH), {"NIB-REL-014": "1: 5"}),
        (SERVED, answer_to(SERVED), {}),
    ],
)
def test_order_shows_between_busy_answers(request_: Request, answer: Answer, expected: dict[str, str]) -> None:
    """Credentials are checked before the limit, and the number after it."""
    found = burst(*served(NOW, NOW), *busy(NOW), (request_, answer, NOW), *busy(NOW))
    assert found == {"NIB-REL-010": "", **expected}


def test_request_of_the_seconds_before_counts() -> None:
    """A busy machine may deliver a request more than a second after it was sent."""
    sent = [reading(*part).exchange for part in (*served(NOW, NOW + 2), *busy(NOW + 2.1))]
    session = SimpleNamespace(
        driver=SimpleNamespace(busy=sent[2:]), sent=[SimpleNamespace(exchange=exchange) for exchange in sent[:2]]
    )
    assert list(before_busy(cast(Session, session))) == [sent]
