"""Requests whose outcome the reference leaves open, in part or whole."""

from typing import Final

from ni_contract.contract.numbering import MAX_TEXT_LENGTH, Problem
from ni_contract.contract.vocabulary import BAD_FORMAT, CREDENTIAL_NAMES, HTTP_OK, INVALID
from ni_contract.exchanges.gateway import SERVER_ERROR
from ni_contract.exchanges.request import MAX_QUERY_CHARACTERS, ParsedRequest
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.judge.clauses.observed_status import format_follows_accept, status_of
from ni_contract.judge.context import EvaluationContext

_LENGTH_REQUIRED: Final = 411


def is_malformed(reading: EvaluationContext) -> bool:
    """Whether no client sends such a request on purpose: its refusal may come from a gateway or a framework."""
    asked = reading.asked
    if asked.problem or len(asked.get("number") or "") > MAX_TEXT_LENGTH:
        return True
    if asked.get("sig") is not None:
        return not (asked.get("timestamp") or "0").isdigit()
    is_basic = (asked.authorization or "")[:6].lower() == "basic "
    return is_basic and reading.credential.kind == "none" and basic_pair(asked.authorization) is None


def is_absurd(reading: EvaluationContext) -> bool:
    """Whether it is certain of the number only that it is not served: one far too long, or a zero behind a plus."""
    problem, number = reading.meaning.problem, reading.asked.get("number") or ""
    if problem is Problem.NATIONAL:
        return reading.meaning.certain and "+" in number
    return problem is Problem.IMPOSSIBLE and is_malformed(reading)


def lacks_credentials(reading: EvaluationContext) -> bool:
    """Whether a part of the credentials is missing or empty; the timestamp is a part of a signature's."""
    if reading.credential.missing or "" in map(reading.asked.get, CREDENTIAL_NAMES):
        return True
    return reading.credential.kind == "signature" and not reading.asked.get("timestamp")


def has_open_option(reading: EvaluationContext) -> bool:
    """Whether the reference leaves the meaning of an optional parameter open.

    That is cnam outside the US, or neither true nor false, a country that is empty, and a timestamp that is no number.
    """
    facts, cnam = reading.meaning.facts, reading.asked.get("cnam")
    is_abroad = facts is not None and facts.country != "US"
    is_open = cnam not in (None, "true", "false") or (cnam == "true" and is_abroad)
    return is_open or reading.asked.get("country") == "" or not (reading.asked.get("timestamp") or "0").isdigit()


def unspecified(reading: EvaluationContext) -> bool:
    """Whether the reference leaves open how the body is read, or the account of the key is not known."""
    asked = reading.asked
    unknown_body = asked.method == "POST" and asked.format == "xml" and "json" in reading.traits
    return unknown_body or (reading.credential.valid is None and status_of(reading) == 4)


def also_allowed(reading: EvaluationContext) -> tuple[int, ...]:
    """The status that a refusal may have besides that of its clause, because two reasons to refuse apply."""
    # The reference does not say whether an empty number is missing or malformed.
    if not reading.meaning.certain:
        return (BAD_FORMAT,)
    if reading.meaning.problem is not Problem.IMPOSSIBLE:
        return ()
    # What is no number at all does not match its country either; the reference states no order of the two. Separators
    # alone may be no number, or one that is missing.
    has_text = any(map(str.isalnum, reading.asked.get("number") or ""))
    if reading.asked.get("country") or not has_text:
        return (INVALID,)
    return ()


def is_judged_elsewhere(reading: EvaluationContext, excused: tuple[int, ...] | None = None) -> bool:
    """Whether other clauses cover the answer: an unreadable one, or an account that is busy or out of credit."""
    if status_of(reading) in (reading.excused if excused is None else excused):
        return True
    answered = reading.answered
    if answered is None or format_follows_accept(reading):
        return False
    is_unreadable = answered.http_status == HTTP_OK and answered.status is None
    return is_unreadable or _may_refuse_unread(reading.asked, answered.http_status)


def _may_refuse_unread(asked: ParsedRequest, http_status: int) -> bool:
    """Whether a server may refuse the body with *http_status* before it reads it: in chunks, or as long as no query."""
    if asked.is_chunked and http_status == _LENGTH_REQUIRED:
        return True
    is_long = asked.method == "POST" and len(asked.raw_parameters) > MAX_QUERY_CHARACTERS
    return is_long and http_status in range(400, SERVER_ERROR)
