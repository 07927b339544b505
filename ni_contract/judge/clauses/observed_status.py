"""The status of an answer, and the words in which findings show it."""

from typing import Final

from ni_contract.contract.catalogue import ids_by_case
from ni_contract.contract.vocabulary import HTTP_OK
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.judge.clauses.result import Judgement
from ni_contract.judge.context import EvaluationContext

TRAIT_CLAUSES: Final = ids_by_case("trait")
FORMAT_CLAUSE: Final = TRAIT_CLAUSES["accept"]


def format_follows_accept(reading: EvaluationContext) -> bool:
    """Whether the answer has the format of the Accept header, not that of the path; an error page has neither."""
    answered = reading.answered
    if answered is None or answered.http_status != HTTP_OK:
        return False
    return "accept" in reading.traits and answered.looks_like_other_format


def wrong_format(answered: ParsedResponse) -> Judgement:
    """The result for an answer in the format of the Accept header."""
    return FORMAT_CLAUSE, Finding("body", "XML" if answered.is_xml else "JSON", "the format of the Accept header")


def status_of(reading: EvaluationContext) -> int | None:
    """The status of a readable answer, else None."""
    if reading.answered is None:
        return None
    return reading.answered.status


def http_status_of(reading: EvaluationContext) -> int | None:
    if reading.answered is None:
        return None
    return reading.answered.http_status


def wrong_status(reading: EvaluationContext, expected: str) -> Finding:
    """The finding of an answer that does not have the *expected* status."""
    answered, at = reading.answered, "HTTP status"
    if answered is not None and answered.status is not None:
        at = answered.place("status")
    return Finding(at, expected, outcome_of(reading))


def success_for(reading: EvaluationContext) -> str:
    """The success of this request, for a finding, with what the page does not say of its credentials."""
    if reading.credential.kind == "signature" and reading.asked.get("api_secret") is not None:
        return "status 0; a signature is of all parameters but sig and api_secret"
    return "status 0"


def outcome_of(reading: EvaluationContext) -> str:
    """The answer in words, for a finding about the status."""
    answered = reading.answered
    if answered is None:
        if reading.failure:
            return f"no answer: {reading.failure.message}"
        return "no answer"
    if answered.status is None:
        return f"HTTP {answered.http_status} without an answer of the API"
    return f"status {answered.status} ({answered.text!r})"


# The answers of servers that do not pass a request on: redirects, and request lines or headers that are too long.
ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308, 414, 431})
_PATHS_IN: Final = {"json": "NIB-REQ-003", "form": "NIB-REQ-002"}


def way_in(reading: EvaluationContext) -> str:
    """The clause about the way in which the request was sent; "" where the API itself answered."""
    if status_of(reading) is not None or http_status_of(reading) not in ELSEWHERE:
        return ""
    return next((_PATHS_IN[trait] for trait in reading.traits if trait in _PATHS_IN), "NIB-REQ-001")
