"""A client's lookup read once for all clauses: what each request got, and what kind of answer came last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ni_contract.exchanges.client_lookup import LookupRecord, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import split_media_type
from ni_contract.exchanges.response import HTTP_OK, ParsedResponse
from ni_contract.exchanges.values import Answer, header
from ni_contract.judge.clauses.answer import BUSY, STATUSES
from ni_contract.judge.context import EvaluationContext, evaluation_context

SUCCESS_KIND, BUSY_KIND, REFUSAL, OTHER_STATUS = "success", "busy", "refusal", "other status"
GATEWAY, EMPTY, CUT_OFF, WRONG_LABEL = "gateway", "empty", "cut-off", "wrong label"
RESET, TIMEOUT, NO_STATUS, DTD, ELSEWHERE = "reset", "timeout", "no status", "dtd", "elsewhere"

_LABELS: Final = {False: ("application/json",), True: ("text/xml", "application/xml")}


@dataclass(frozen=True, slots=True)
class ObservedLookup:
    """Everything that a clause about a lookup may look at. *kind* is that of the last answer, "" if no request came.

    *held* are the clauses that held for an earlier lookup of the same client: what is blamed on a variant of an
    answer has to have worked with the plain one.
    """

    witnessed: LookupRecord
    readings: tuple[EvaluationContext, ...]
    kinds: tuple[str, ...]
    held: Collection[str]

    @property
    def kind(self) -> str:
        """The kind of the last answer."""
        return self.kinds[-1] if self.kinds else ""

    @property
    def answered(self) -> ParsedResponse:
        """The last answer. To be asked for only where the kind says that there is one."""
        answered = self.readings[-1].answered
        assert answered is not None  # noqa: S101  a kind with a status comes from an answer
        return answered

    @property
    def told(self) -> Outcome | None:
        """What the client told, None where it told nothing that can be used."""
        told = self.witnessed.told
        return told if isinstance(told, Outcome) else None


def observe(witnessed: LookupRecord, account: Credentials, held: Collection[str]) -> ObservedLookup:
    """*witnessed*, read by what is known of the *account*."""
    readings = tuple(evaluation_context(exchange, account) for exchange in witnessed.exchanges)
    return ObservedLookup(witnessed, readings, tuple(map(kind_of, readings)), held)


def kind_of(reading: EvaluationContext) -> str:
    """What kind of answer a request got: one of the words above."""
    answer, answered = reading.exchange.answer, reading.answered
    if not reading.is_lookup:
        return ELSEWHERE
    if not isinstance(answer, Answer) or answered is None:
        return TIMEOUT if reading.failure is not None and reading.failure.kind == "timeout" else RESET
    if answer.http_status != HTTP_OK:
        return GATEWAY
    return _kind_of_body(answer, answered)


def _kind_of_body(answer: Answer, answered: ParsedResponse) -> str:
    if _is_cut_off(answer):
        return CUT_OFF
    if not answer.body:
        return EMPTY
    if split_media_type(answered.content_type or "")[0] not in _LABELS[answered.is_xml]:
        return WRONG_LABEL
    if answered.problem is not None:
        return DTD if b"<!DOCTYPE" in answer.body else CUT_OFF
    return _kind_of_status(answered.status)


def _is_cut_off(answer: Answer) -> bool:
    length = header(answer.headers, "content-length") or ""
    return length.isdigit() and len(length) < 10 and int(length) > len(answer.body)


def _kind_of_status(status: int | None) -> str:
    if status is None:
        return NO_STATUS
    if status in (0, BUSY):
        return BUSY_KIND if status else SUCCESS_KIND
    return REFUSAL if status in STATUSES else OTHER_STATUS
