"""Clauses about a whole lookup of a client: the requests for its task, and the outcome reported for the answer."""

from collections.abc import Callable
from functools import partial
from typing import Final

from ni_contract.contract.catalogue import ids_by_case
from ni_contract.contract.vocabulary import (
    BAD_CREDENTIALS,
    BAD_FORMAT,
    BUSY,
    INVALID,
    NO_CREDIT,
    PAGE_STATUSES,
    SUCCESS,
)
from ni_contract.exchanges.client_lookup import GRACE_SECONDS, NO_INTEGER, SLOW, Outcome, words_of
from ni_contract.exchanges.finding import Finding, shown
from ni_contract.exchanges.gateway import TOO_MANY_REQUESTS
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.reported_facts import (
    fact,
    fact_of_an_earlier_lookup,
    gave_up_while_busy,
    made_up_fact,
    reason_beside,
    reported,
    wrong_fact,
)
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check
from ni_contract.judge.observed_lookup import (
    MIN_TELLING_LENGTH,
    TOLD_AS_SUCCESS,
    Kind,
    ObservedLookup,
    is_unreadable,
    on_one_line,
)

LookupCheck = Callable[[ObservedLookup], Result]
LOOKUP: Final[Stage[LookupCheck]] = Stage()

FACTS_TOLD, STATUS_TOLD = "NIB-CLI-024", "NIB-CLI-033"
REASON_CLAUSES: Final = ids_by_case("reason")
# Variants of a success, by the name of the variant; a format without that variant writes a plain success.
_VARIANTS: Final = ids_by_case("success")
_REFUSAL_VARIANTS: Final = ids_by_case("refusal")
_EXPECTED_OF: Final = {"NIB-CLI-060": "a success: the answer comes within the time-out that the client was given"}
_XML_ONLY: Final = ("undeclared", "bom", "lookup-root", "application-xml")
# Where no answer came, a status of these breaks NIB-CLI-033, and any other number NIB-CLI-064.
_OF_AN_ANSWER: Final = (SUCCESS, BUSY, INVALID, BAD_CREDENTIALS, BAD_FORMAT, NO_CREDIT)
# Answers that only resemble one of the API.
_MAY_BE_SUCCESS: Final = (Kind.NO_STATUS, Kind.NO_FACTS, Kind.PARTIAL, Kind.TYPED_SUCCESS, Kind.WRONG_LABEL, Kind.DTD)
_WITH_STATUS: Final = (Kind.REFUSAL, Kind.BUSY, Kind.OTHER_STATUS)
_NO_ANSWER: Final = (Kind.RESET, Kind.TIMEOUT, Kind.EMPTY, Kind.CUT_OFF, Kind.HTML, Kind.GATEWAY, Kind.REDIRECT)


# ---------------------------------------------------------------- the outcome reported for a success


@clause(TOLD_AS_SUCCESS, LOOKUP)
def success_is_reported(seen: ObservedLookup) -> Result:
    if not _is_plain_success(seen):
        return NOT_APPLICABLE
    if seen.reported is None or seen.reported.ok:
        return reported(seen, seen.reported is not None, "a success, for the status is 0")
    return Finding("outcome", "a success, for the status is 0", f"{words_of(seen.record.reported)}{seen.earlier.words}")


def _is_plain_success(seen: ObservedLookup) -> bool:
    return seen.kind == Kind.SUCCESS and _variant(seen) is None


def _is_slow(seen: ObservedLookup) -> bool:
    """Whether a plain success comes after a while, which is no reason for another result."""
    return seen.kind == Kind.SUCCESS and seen.record.shape == SLOW


def _variant(seen: ObservedLookup) -> str | None:
    """The clause for this variant of a success."""
    shape = seen.record.shape or ""
    if shape in _XML_ONLY and not seen.answered.is_xml:
        return None
    return _VARIANTS.get(shape)


@clause(FACTS_TOLD, LOOKUP)
def facts_are_reported(seen: ObservedLookup) -> Result:
    if seen.kind in (Kind.PARTIAL, Kind.NO_FACTS) and seen.reported is not None and seen.reported.ok:
        return made_up_fact(seen, seen.reported) or NOT_APPLICABLE
    if not (_is_plain_success(seen) or _is_slow(seen)) or seen.reported is None or not seen.reported.ok:
        return NOT_APPLICABLE
    return wrong_fact(seen, seen.reported) or PASSED


@clause("NIB-CLI-025", LOOKUP)
def request_id_is_reported(seen: ObservedLookup) -> Result:
    if not _is_plain_success(seen) or seen.reported is None or not seen.reported.ok:
        return NOT_APPLICABLE
    result = seen.reported.result or {}
    if result.get("request_id") not in (None, ""):  # a wrong one breaks NIB-CLI-024
        return PASSED
    return Finding("result, request_id", shown(seen.answered.keys.get("request_id")), fact(result, "request_id"))


def _check_variant(clause_id: str, seen: ObservedLookup) -> Result:
    shape = seen.record.shape or ""
    if seen.kind != Kind.SUCCESS and _REFUSAL_VARIANTS.get(shape) == clause_id:
        return _check_refusal_variant(seen)
    return _check_success_variant(clause_id, seen)


def _check_success_variant(clause_id: str, seen: ObservedLookup) -> Result:
    """The result for a variant; not applicable where the client fails the plain success too."""
    if seen.kind != Kind.SUCCESS or _variant(seen) != clause_id:
        return NOT_APPLICABLE
    if not {TOLD_AS_SUCCESS, FACTS_TOLD} <= seen.earlier.held:
        return NOT_APPLICABLE
    if seen.reported is None or not seen.reported.ok:
        return reported(seen, False, _EXPECTED_OF.get(clause_id, "a success, as of the same answer written plainly"))
    return PASSED if _is_slow(seen) else wrong_fact(seen, seen.reported) or PASSED


for _id in dict.fromkeys((*_VARIANTS.values(), *_REFUSAL_VARIANTS.values())):
    clause(_id, LOOKUP)(partial(_check_variant, _id))


# ---------------------------------------------------------------- the outcome reported for a refusal


def _check_reason(clause_id: str, seen: ObservedLookup) -> Result:
    if seen.record.shape in _REFUSAL_VARIANTS or _reason_clause(seen) != clause_id:
        return NOT_APPLICABLE
    if seen.reported is None or seen.reported.ok or gave_up_while_busy(seen, seen.reported):
        return NOT_APPLICABLE
    return reason_beside(seen, seen.reported)


def _reason_clause(seen: ObservedLookup) -> str:
    """The clause for the place of this refusal's text."""
    if seen.kind not in _WITH_STATUS or not seen.answered.text or _is_taken_for_none(seen):
        return ""
    if seen.answered.is_xml:
        return REASON_CLAUSES["xml"]
    if seen.kind == Kind.BUSY:
        return REASON_CLAUSES["busy"]
    if "error_text" in seen.answered.keys:
        return REASON_CLAUSES["error_text"]
    return REASON_CLAUSES["status_message"]


def _is_taken_for_none(seen: ObservedLookup) -> bool:
    """Whether a client may take the status for none, and so the answer for no refusal of the API."""
    told = seen.reported.status if seen.reported else None
    is_told = told is not None and told == seen.answered.status
    return is_unreadable(seen.answered.status) or (seen.answered.status not in PAGE_STATUSES and not is_told)


for _id in REASON_CLAUSES.values():
    clause(_id, LOOKUP)(partial(_check_reason, _id))


@clause("NIB-CLI-067", LOOKUP)
def reason_is_of_no_other_answer(seen: ObservedLookup) -> Result:
    told = seen.reported
    if not seen.readings or told is None or told.ok:
        return NOT_APPLICABLE
    if not told.reason:
        return fact_of_an_earlier_lookup(seen, told) or NOT_APPLICABLE
    reason, own = on_one_line(told.reason), " ".join((*seen.values, *seen.texts, *seen.bodies))
    for text, name in seen.earlier.origins.items():
        if len(text) >= MIN_TELLING_LENGTH and text in reason and text not in own:
            expected = "nothing of another lookup: no text of its answer, no number and no request_id"
            return Finding("reason", expected, f"{shown(text)}, of the earlier lookup {name}")
    return fact_of_an_earlier_lookup(seen, told) or PASSED


@clause(STATUS_TOLD, LOOKUP)
def status_is_reported(seen: ObservedLookup) -> Result:
    if seen.missing == NO_INTEGER and seen.kind in _WITH_STATUS:
        return reported(seen, False, "an integer, or null: so the protocol wants it", at="status")
    if seen.reported is None or seen.reported.status is None:
        return NOT_APPLICABLE
    status = seen.reported.status
    if seen.reported.ok:
        if seen.kind != Kind.SUCCESS:
            return NOT_APPLICABLE
        return check(status == 0, "status", "0", status)
    if seen.kind in _NO_ANSWER and status in _OF_AN_ANSWER and not _is_of_earlier_answer(seen, status):
        is_in_half_a_body = seen.kind == Kind.CUT_OFF and status == SUCCESS
        if not is_in_half_a_body and not _is_busy_of_gateway(seen, status):
            return Finding("status", "none: no answer of the API came", str(status))
    if seen.kind not in _WITH_STATUS or _has_a_decoy(seen):
        return NOT_APPLICABLE
    return _status(seen, seen.reported)


def _status(seen: ObservedLookup, told: Outcome) -> Result:
    answered = seen.answered.status
    return check(told.status in (None, answered), "status", str(answered), told.status)


def _is_of_variant(seen: ObservedLookup) -> bool:
    """Whether the answer is a variant of a refusal, by a client that understands the plain one."""
    return seen.record.shape in _REFUSAL_VARIANTS and _reason_clause(seen) in seen.earlier.held


def _has_a_decoy(seen: ObservedLookup) -> bool:
    """Whether the answer has other numbers beside its status, and the client reported that of a plain one rightly."""
    return seen.record.shape == "extra" and _is_of_variant(seen) and STATUS_TOLD in seen.earlier.held


def _is_busy_of_gateway(seen: ObservedLookup, status: int) -> bool:
    """Whether the *status* "busy" stands for HTTP 429 of a gateway."""
    return seen.kind == Kind.GATEWAY and status == BUSY and seen.answered.http_status == TOO_MANY_REQUESTS


def _is_of_earlier_answer(seen: ObservedLookup, status: int) -> bool:
    """Whether an earlier request of this lookup was answered with *status*, as by a busy API that was asked again."""
    answers = [one.answered for one, kind in zip(seen.readings, seen.kinds, strict=True) if kind in _WITH_STATUS]
    return any(one is not None and one.status == status for one in answers)


@clause("NIB-CLI-064", LOOKUP)
def no_status_without_an_answer(seen: ObservedLookup) -> Result:
    if seen.kind not in (*_NO_ANSWER, Kind.WRONG_HTTP_STATUS) or seen.reported is None:
        return NOT_APPLICABLE
    status = seen.reported.status
    # HTTP 429 says the same as busy: that the client has to ask later.
    if status is None or _is_busy_of_gateway(seen, status):
        return PASSED
    if status in _OF_AN_ANSWER:  # NIB-CLI-033
        return NOT_APPLICABLE
    return Finding("status", "none: no answer of the API came", str(status))


def _check_refusal_variant(seen: ObservedLookup) -> Result:
    """The result for a variant; not applicable where the client reports no reason for a plain refusal either."""
    if seen.missing == NO_INTEGER or _reason_clause(seen) not in seen.earlier.held:
        return NOT_APPLICABLE
    if seen.reported is None:
        return reported(seen, False, "a failure that is reported")
    if seen.reported.ok:
        return NOT_APPLICABLE
    status = _status(seen, seen.reported)
    if isinstance(status, Finding) and _has_a_decoy(seen):
        return status
    return reason_beside(seen, seen.reported)


# ---------------------------------------------------------------- the outcome reported for an answer that is no success


def _check_no_success(clause_id: str, seen: ObservedLookup) -> Result:
    if _BY_ANSWER.get(seen.kind) != clause_id or _is_of_another_clause(seen):
        return NOT_APPLICABLE
    if seen.missing == NO_INTEGER:  # NIB-CLI-033
        return PASSED
    if not seen.missing:
        return reported(seen, seen.reported is not None and not seen.reported.ok, "no success")
    limit = ""
    if seen.kind == Kind.TIMEOUT:
        limit = f", at most {seen.record.lookup.timeout + GRACE_SECONDS:g} s after the latest request"
    return reported(seen, False, f"a failure that is reported{limit}")


def _is_of_another_clause(seen: ObservedLookup) -> bool:
    """Whether the client goes on asking a busy API, or ended at an answer that is special in another way."""
    if seen.missing and _is_of_variant(seen):
        return True
    if seen.kind == Kind.BUSY:
        return seen.missing == "late" and len(seen.readings) > 1  # NIB-CLI-022
    return _is_odd(seen) and _is_without_outcome(seen)  # NIB-CLI-062


def _is_odd(seen: ObservedLookup) -> bool:
    """Whether the answer only resembles one of the API, or is a refusal without a text or with an odd status."""
    if seen.kind in _WITH_STATUS:
        return not seen.answered.text or is_unreadable(seen.answered.status)
    return seen.kind in (*_MAY_BE_SUCCESS, Kind.TYPED_REFUSAL)


def _is_without_outcome(seen: ObservedLookup) -> bool:
    """Whether the client reported nothing, or nothing that can be read; a status of another type can be."""
    return seen.missing not in ("", NO_INTEGER)


@clause("NIB-CLI-062", LOOKUP)
def odd_answer_is_survived(seen: ObservedLookup) -> Result:
    if not _is_odd(seen):
        return NOT_APPLICABLE
    return reported(seen, not _is_without_outcome(seen), "an outcome")


_BY_ANSWER: Final = ids_by_case("answer")
for _id in dict.fromkeys(_BY_ANSWER.values()):
    clause(_id, LOOKUP)(partial(_check_no_success, _id))
