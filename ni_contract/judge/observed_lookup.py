"""A client's lookup parsed once for all clauses: the answer to each request, and the kind of the last one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from ni_contract.contract.vocabulary import BUSY, HTTP_OK, JSON, STATUSES, XML_ROOTS, XML_TYPES
from ni_contract.exchanges.client_lookup import LookupRecord, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.request import split_media_type
from ni_contract.exchanges.response import NUMBER_KEYS, ParsedResponse
from ni_contract.exchanges.values import Answer, header
from ni_contract.judge.context import EvaluationContext, evaluation_context

SUCCESS_KIND, BUSY_KIND, REFUSAL, OTHER_STATUS = "success", "busy", "refusal", "other status"
GATEWAY, REDIRECT, WRONG_HTTP_STATUS = "gateway", "redirect", "wrong HTTP status"
EMPTY, CUT_OFF, HTML, WRONG_LABEL = "empty", "cut-off", "html", "wrong label"
RESET, TIMEOUT, DTD, OTHER_ROOT, ELSEWHERE = "reset", "timeout", "dtd", "other root", "elsewhere"
NO_OBJECT, NO_STATUS, NO_FACTS, PARTIAL, TYPED_SUCCESS, TYPED_REFUSAL = (
    "no object",
    "no status",
    "no facts",
    "some facts",
    "success with another type of status",
    "refusal with another type of status",
)
# The API would have refused the request: the client's outcome for a scripted answer proves nothing.
UNAUTHORISED: Final = "refused credentials"

_LABELS: Final = {False: (JSON,), True: XML_TYPES}


@dataclass(frozen=True, slots=True)
class ObservedLookup:
    """The input of a clause about a lookup. *kind* is that of the last answer before the outcome, "" without a request.

    *held* are the clauses that held for an earlier lookup of the same client: a clause about a variant applies only
    where the plain answer worked. *asked_before* are the numbers of earlier lookups.
    *secrets* are those of the account, and its signatures.
    """

    record: LookupRecord
    readings: tuple[EvaluationContext, ...]
    kinds: tuple[str, ...]
    held: Collection[str]
    secrets: tuple[str, ...] = ()
    asked_before: Collection[str] = ()

    @property
    def kind(self) -> str:
        if self.kinds:
            return self.kinds[self.record.last_answered]
        return ""

    @property
    def answered(self) -> ParsedResponse:
        """The last answer before the outcome; only where the kind says that there is one."""
        answered = self.readings[self.record.last_answered].answered
        assert answered is not None  # noqa: S101  a kind with a status comes from an answer
        return answered

    @property
    def reported(self) -> Outcome | None:
        """The reported outcome; None where none can be used."""
        told = self.record.reported
        if isinstance(told, Outcome):
            return told
        return None


def observe(
    record: LookupRecord, account: Credentials, held: Collection[str], asked_before: Collection[str] = ()
) -> ObservedLookup:
    """*record*, parsed with the known *account*."""
    readings = tuple(evaluation_context(exchange, account) for exchange in record.exchanges)
    signatures = (one.asked.values.get("sig") or "" for one in readings)
    secrets = (*_secrets_of(account), *(sig for sig in signatures if len(sig) >= MIN_MASKED_LENGTH))
    return ObservedLookup(record, readings, tuple(map(kind_of, readings)), held, secrets, asked_before)


def _secrets_of(account: Credentials) -> tuple[str, ...]:
    """Both secrets, and the Basic form of one; those too short to differ from a word are left out."""
    secrets = (account.api_secret, account.signature_secret, account.basic_token())
    return tuple(secret for secret in secrets if len(secret) >= MIN_MASKED_LENGTH)


def kind_of(reading: EvaluationContext) -> str:
    """The kind of the answer to a request: one of the words above."""
    answer, answered = reading.exchange.answer, reading.answered
    if not reading.is_lookup:
        return ELSEWHERE
    if not isinstance(answer, Answer) or answered is None:
        if reading.failure is not None and reading.failure.kind == "timeout":
            return TIMEOUT
        return RESET
    if reading.credential.valid is False:
        return UNAUTHORISED
    if answer.http_status != HTTP_OK:
        return _kind_of_http_status(answer, answered)
    return _kind_of_body(answer, answered)


def _kind_of_http_status(answer: Answer, answered: ParsedResponse) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= answer.http_status < HTTPStatus.BAD_REQUEST:
        return REDIRECT
    if answered.problem is not None or answered.status is None:
        return GATEWAY
    return WRONG_HTTP_STATUS


def _kind_of_body(answer: Answer, answered: ParsedResponse) -> str:
    if _is_cut_off(answer):
        return CUT_OFF
    if not answer.body:
        return EMPTY
    if split_media_type(answered.content_type or "")[0] not in _LABELS[answered.is_xml]:
        if answered.problem is not None:
            return HTML
        return WRONG_LABEL
    if answered.problem is not None:
        return _kind_of_problem(answer, answered.problem)
    if answered.is_xml and answered.root not in XML_ROOTS:
        return OTHER_ROOT
    return _kind_of_members(answered)


def _kind_of_problem(answer: Answer, problem: Finding) -> str:
    if b"<!DOCTYPE" in answer.body:
        return DTD
    if problem.at == "$":
        return NO_OBJECT
    return CUT_OFF


def _kind_of_members(answered: ParsedResponse) -> str:
    status = answered.keys.get("status")
    if isinstance(status, bool) or (isinstance(status, str) and not answered.is_xml):
        if status is False or answered.status == 0:
            return TYPED_SUCCESS
        return TYPED_REFUSAL
    known = [name for name in NUMBER_KEYS if answered.keys.get(name) is not None]
    if answered.status == 0 and len(known) < len(NUMBER_KEYS):
        return PARTIAL if known else NO_FACTS
    return _kind_of_status(answered.status)


def _is_cut_off(answer: Answer) -> bool:
    length = header(answer.headers, "content-length") or ""
    return length.isdigit() and len(length) < 10 and int(length) > len(answer.body)


def _kind_of_status(status: int | None) -> str:
    known = {None: NO_STATUS, 0: SUCCESS_KIND, BUSY: BUSY_KIND}
    if status in known:
        return known[status]
    if status in STATUSES:
        return REFUSAL
    return OTHER_STATUS
