"""Refusals in recorded traffic, each judged by its control: a request about the same number that was served.

No control can be sent any more, so only what the traffic contains decides which property of a request was refused.
Where it contains no control, the refusal is that of the number, or unjudged where the credentials may explain it.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from ni_contract.contract.vocabulary import BAD_CREDENTIALS, BAD_FORMAT, INVALID
from ni_contract.exchanges.request_credential import Credential
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.judge.clauses.observed_status import (
    ELSEWHERE,
    TRAIT_CLAUSES,
    format_follows_accept,
    http_status_of,
    status_of,
)
from ni_contract.judge.clauses.request_key import MASKED
from ni_contract.judge.clauses.status import CREDENTIALS_FIRST, SERVED_CLAUSES, suspects_of, traits_of
from ni_contract.judge.context import EvaluationContext

RIGHT_SECRET, SERVED_NUMBER, ANSWERED, ALWAYS_ANSWERED = "NIB-AUT-001", "NIB-NUM-001", "NIB-REQ-001", "NIB-REQ-012"
BASIC_ACCEPTED: Final = TRAIT_CLAUSES["basic"]
XML: Final = "xml"
_CAUSES: Final = {**TRAIT_CLAUSES, XML: "NIB-REL-001"}
_POSTED: Final = ("json", "form")
# The statuses of HTTP that name what is refused.
_NAMED_BY_HTTP: Final[Mapping[int | None, tuple[str, ...]]] = {
    405: _POSTED,
    406: ("accept",),
    415: _POSTED,
    501: _POSTED,
}
_WRONG_CREDENTIALS: Final = frozenset({CREDENTIALS_FIRST, "NIB-AUT-007", "NIB-AUT-010", "NIB-AUT-011"})
_BASIC, _SIGNATURE = "basic", "signature"
# Why no clause is broken.
NOT_OFFERED: Final = "refused with a form of credentials with which nothing was served: it may not be offered"


class Unserved(NamedTuple):
    """A request that was refused against the contract: *clause_id* fails where the traffic shows nothing else.

    *number* is international, "" where another refusal was due. *suspects*: the properties that may be the cause.
    *credential*: the kind of credentials and the signature method. *status* and *http_status*: None without an answer.
    *names_number*: the answer blames the number, so that the credentials were accepted.
    """

    clause_id: str
    number: str
    suspects: tuple[str, ...]
    credential: str
    status: int | None
    http_status: int | None
    names_number: bool


def unserved(reading: EvaluationContext, clause_id: str) -> Unserved | None:
    """The refusal by which *clause_id* is broken; None where it is broken in another way."""
    status, credential = status_of(reading), reading.credential
    is_refused = clause_id in SERVED_CLAUSES and status != 0 and not format_follows_accept(reading)
    is_unread = clause_id in _WRONG_CREDENTIALS and status in (INVALID, BAD_FORMAT)
    if not (is_refused or (is_unread and credential.kind in (_BASIC, _SIGNATURE))):
        return None
    facts, suspects = reading.meaning.facts, tuple(suspects_of(reading))
    if reading.asked.format == XML:
        suspects = (*suspects, XML)
    return Unserved(
        clause_id,
        "" if facts is None or is_unread else facts.international,
        suspects,
        form_of(credential),
        status,
        http_status_of(reading),
        status == BAD_FORMAT or _quotes(reading.answered, reading.asked.get("number")),
    )


def form_of(credential: Credential) -> str:
    """The kind of *credential* with the signature method, where that is known, or the mark of a mask."""
    return f"{credential.kind} {MASKED if credential.masked else credential.method}"


def properties_of(reading: EvaluationContext) -> tuple[str, ...]:
    """The properties that a request served like this one has."""
    found = tuple(traits_of(reading))
    if reading.asked.format == XML:
        return (*found, XML)
    return found


def _quotes(answered: ParsedResponse | None, number: str | None) -> bool:
    if answered is None or not isinstance(answered.text, str) or not number:
        return False
    return number in answered.text


def broken_clause(one: Unserved, served: Collection[str] | None, credentials: Collection[str]) -> str:
    """The clause that *one* breaks, "" where the refusal may be right.

    *served*: the properties of the served requests about the same number, None where there are none. *credentials*: the
    forms of credentials of all served requests.
    """
    if one.http_status in ELSEWHERE:
        return one.clause_id
    if named := [name for name in _NAMED_BY_HTTP.get(one.http_status, ()) if name in one.suspects]:
        return _CAUSES[named[0]]
    is_unproven = one.credential not in credentials and one.status is not None and not one.names_number
    if is_unproven and one.credential.startswith(_BASIC):
        if one.clause_id in _WRONG_CREDENTIALS or one.credential.endswith(MASKED):
            return ""
        return BASIC_ACCEPTED
    if is_unproven and one.credential.startswith(_SIGNATURE):
        return _with_signature(one, credentials)
    if not one.number:
        return one.clause_id
    if served is None:
        return _without_control(one)
    return next((_CAUSES[name] for name in one.suspects if name not in served), one.clause_id)


def _with_signature(one: Unserved, credentials: Collection[str]) -> str:
    """The clause for a signed request, when none of the same method was served: an account has one method."""
    has_other_method = any(other.startswith(_SIGNATURE) for other in credentials)
    if one.status != BAD_CREDENTIALS or "hmac" in one.suspects or has_other_method:
        return ""
    return one.clause_id


def _without_control(one: Unserved) -> str:
    if one.status == BAD_CREDENTIALS:
        return RIGHT_SECRET
    if one.status is not None:
        return SERVED_NUMBER
    posted = next((_CAUSES[name] for name in _POSTED if name in one.suspects), ANSWERED)
    if one.http_status is None and posted != ANSWERED:
        return ALWAYS_ANSWERED
    return posted
