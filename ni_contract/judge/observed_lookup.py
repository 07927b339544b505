"""A client's lookup parsed once for all clauses: the answer to each request, and the kind of the last one."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from ni_contract.contract.vocabulary import BUSY, HTTP_OK, JSON, STATUSES, XML_ROOTS, XML_TYPES
from ni_contract.exchanges.client_lookup import CLOSED, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.request import split_media_type
from ni_contract.exchanges.response import NUMBER_KEYS, ParsedResponse
from ni_contract.exchanges.values import Answer, header
from ni_contract.judge.context import EvaluationContext, evaluation_context


class Kind(StrEnum):
    """The kind of the answer to a request of a client."""

    SUCCESS = "success"
    BUSY = "busy"
    REFUSAL = "refusal"
    OTHER_STATUS = "other status"
    GATEWAY = "gateway"
    REDIRECT = "redirect"
    WRONG_HTTP_STATUS = "wrong HTTP status"
    EMPTY = "empty"
    CUT_OFF = "cut-off"
    HTML = "html"
    WRONG_LABEL = "wrong label"
    RESET = "reset"
    TIMEOUT = "timeout"
    DTD = "dtd"
    OTHER_ROOT = "other root"
    ELSEWHERE = "elsewhere"
    NO_OBJECT = "no object"
    NO_STATUS = "no status"
    NO_FACTS = "no facts"
    PARTIAL = "some facts"
    TYPED_SUCCESS = "success with another type of status"
    TYPED_REFUSAL = "refusal with another type of status"
    # The API would have refused the request: the client's outcome for a scripted answer proves nothing.
    UNAUTHORISED = "refused credentials"


TOLD_AS_SUCCESS: Final = "NIB-CLI-023"
MIN_TELLING_LENGTH: Final = 12  # of a secret, in characters, that is not in a text by chance
# A text with a number such as a year is neither the API's own nor a client's: it is of one answer.
_A_TELLING_NUMBER: Final = re.compile("[0-9]{4}")
OF_ONE_LOOKUP: Final = ("international_format_number", "request_id")
_LABELS: Final = {False: (JSON,), True: XML_TYPES}


@dataclass(slots=True)
class EarlierLookups:
    """The earlier lookups of a client: the *numbers* asked about with their countries, the *kind* of the last one.

    *held* are the clauses that passed: one about a variant applies only where the plain answer worked. *home* is the
    host that was asked when the first redirect came. *survived* are the kinds right after which the client reported a
    success. *origins* are the numbers, each request_id, and the texts of answers, with the name of the last lookup that
    had it.
    """

    held: set[str] = field(default_factory=set)
    numbers: dict[str, set[str | None]] = field(default_factory=dict)
    kind: str = ""
    home: str = ""
    survived: set[str] = field(default_factory=set)
    origins: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The answer to the last lookup, in words for a finding; "" where that did no harm before, or was a success."""
        if self.kind in ("", Kind.SUCCESS, *self.survived) or TOLD_AS_SUCCESS not in self.held:
            return ""
        return f"; the answer to the lookup before was: {self.kind}"

    def words_about(self, value: object) -> str:
        """The remark that *value*, a number in digits or a request_id, is of an earlier lookup; "" where it is not."""
        if isinstance(value, str) and value in self.origins:
            return f", of the earlier lookup {self.origins[value]}"
        return ""

    def remember(self, seen: "ObservedLookup") -> None:
        """Takes in what the lookup *seen* asked about, and what it was answered."""
        self.kind = seen.kind
        if seen.readings:
            lookup = seen.record.lookup
            self.numbers.setdefault(lookup.number, set()).add(lookup.country)
            texts = filter(_A_TELLING_NUMBER.search, seen.texts)
            self.origins |= dict.fromkeys((*seen.values, *texts), seen.record.case)


@dataclass(frozen=True, slots=True)
class ObservedLookup:
    """The input of a clause about a lookup. *kind* is that of the last answer before the outcome, "" without a request.

    *secrets* are those of the account, and its signatures.
    """

    record: LookupRecord
    readings: tuple[EvaluationContext, ...]
    kinds: tuple[Kind, ...]
    secrets: tuple[str, ...]
    earlier: EarlierLookups

    @property
    def own_readings(self) -> tuple[EvaluationContext, ...]:
        """The requests up to a redirect: later ones are those that the redirect demanded."""
        for count, exchange in enumerate(self.record.exchanges, 1):
            if isinstance(exchange.answer, Answer) and is_redirect(exchange.answer):
                return self.readings[:count]
        return self.readings

    @property
    def kind(self) -> str:
        if self.kinds:
            return self.kinds[self.record.last_answered]
        if self.record.shape == CLOSED:
            return Kind.RESET
        return ""

    @property
    def answered(self) -> ParsedResponse:
        """The last answer before the outcome; only where the kind says that there is one."""
        answered = self.readings[self.record.last_answered].answered
        assert answered is not None  # noqa: S101  a kind with a status comes from an answer
        return answered

    @property
    def answers(self) -> tuple[ParsedResponse, ...]:
        """All answers that came."""
        return tuple(one.answered for one in self.readings if one.answered is not None)

    @property
    def values(self) -> tuple[str, ...]:
        """What tells this lookup from others: its number, given and in digits, and what is in its answers."""
        number = self.record.lookup.number
        found = (answered.keys.get(name) for answered in self.answers for name in OF_ONE_LOOKUP)
        return (number, re.sub("[^0-9]", "", number), *(one for one in found if isinstance(one, str)))

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signature of each request; "" for one without."""
        return _signatures_of(self.readings)

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of all answers as text; a client may show one that it cannot read."""
        answers = (reading.exchange.answer for reading in self.readings)
        return tuple(one.body.decode("utf-8", "replace") for one in answers if isinstance(one, Answer))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of all answers, each on one line."""
        return tuple(on_one_line(one.text) for one in self.answers if one.text)

    @property
    def reported(self) -> Outcome | None:
        """The reported outcome; None where none can be used."""
        told = self.record.reported
        if isinstance(told, Outcome):
            return told
        return None

    @property
    def missing(self) -> str:
        """The kind of the missing outcome, such as "late"; "" where an outcome was reported."""
        told = self.record.reported
        if isinstance(told, MissingOutcome):
            return told.kind
        return ""


def on_one_line(text: object) -> str:
    """*text* with single blanks for its white space."""
    return " ".join(str(text).split())


def observe(record: LookupRecord, account: Credentials, earlier: EarlierLookups) -> ObservedLookup:
    """*record*, parsed with the known *account*."""
    readings = tuple(evaluation_context(exchange, account) for exchange in record.exchanges)
    secrets = (*_secrets_of(account), *(sig for sig in _signatures_of(readings) if len(sig) >= MIN_MASKED_LENGTH))
    return ObservedLookup(record, readings, tuple(map(kind_of, readings)), secrets, earlier)


def _signatures_of(readings: tuple[EvaluationContext, ...]) -> tuple[str, ...]:
    """The signatures in *readings*; "" for a request without one."""
    return tuple(one.asked.values.get("sig") or "" for one in readings)


def _secrets_of(account: Credentials) -> tuple[str, ...]:
    """Both secrets, and the Basic form of one; those too short to differ from a word are left out.

    The first and the last three quarters of a long one are secret too, as in a text that masks a few characters.
    """
    secrets = (account.api_secret, account.signature_secret, account.basic_token())
    long = [secret for secret in secrets if len(secret) > MIN_TELLING_LENGTH]
    first = [secret[: len(secret) * 3 // 4] for secret in long]
    last = [secret[len(secret) // 4 :] for secret in long]
    return (*(secret for secret in secrets if len(secret) >= MIN_MASKED_LENGTH), *first, *last)


def kind_of(reading: EvaluationContext) -> Kind:
    """The kind of the answer to a request."""
    answer, answered = reading.exchange.answer, reading.answered
    if not reading.is_lookup:
        return Kind.ELSEWHERE
    if not isinstance(answer, Answer) or answered is None:
        if reading.failure is not None and reading.failure.kind == "timeout":
            return Kind.TIMEOUT
        return Kind.RESET
    if reading.credential.valid is False:
        return Kind.UNAUTHORISED
    if answer.http_status != HTTP_OK:
        return _kind_of_http_status(answer, answered)
    return _kind_of_body(answer, answered)


def is_redirect(answer: Answer) -> bool:
    """Whether *answer* has an HTTP status of a redirect."""
    return HTTPStatus.MULTIPLE_CHOICES <= answer.http_status < HTTPStatus.BAD_REQUEST


def _kind_of_http_status(answer: Answer, answered: ParsedResponse) -> Kind:
    if is_redirect(answer):
        return Kind.REDIRECT
    if answered.problem is not None or answered.status is None:
        return Kind.GATEWAY
    return Kind.WRONG_HTTP_STATUS


def _kind_of_body(answer: Answer, answered: ParsedResponse) -> Kind:
    if _is_cut_off(answer):
        return Kind.CUT_OFF
    if not answer.body:
        return Kind.EMPTY
    if split_media_type(answered.content_type or "")[0] not in _LABELS[answered.is_xml]:
        if answered.problem is not None:
            return Kind.HTML
        return Kind.WRONG_LABEL
    if answered.problem is not None:
        return _kind_of_problem(answer, answered.problem)
    if answered.is_xml and answered.root not in XML_ROOTS:
        return Kind.OTHER_ROOT
    return _kind_of_members(answered)


def _kind_of_problem(answer: Answer, problem: Finding) -> Kind:
    if b"<!DOCTYPE" in answer.body:
        return Kind.DTD
    if problem.at == "$":
        return Kind.NO_OBJECT
    return Kind.CUT_OFF


def _kind_of_members(answered: ParsedResponse) -> Kind:
    status = answered.keys.get("status")
    if isinstance(status, bool) or (isinstance(status, str) and not answered.is_xml):
        if status is False or answered.status == 0:
            return Kind.TYPED_SUCCESS
        return Kind.TYPED_REFUSAL
    known = [name for name in NUMBER_KEYS if answered.keys.get(name) is not None]
    if answered.status == 0 and len(known) < len(NUMBER_KEYS):
        if known:
            return Kind.PARTIAL
        return Kind.NO_FACTS
    return _kind_of_status(answered.status)


def is_unreadable(status: int | None) -> bool:
    """Whether *status* is below 0 or above 999, the greatest of the page: a client may take it for no status."""
    return status is not None and not 0 <= status <= 999


def _is_cut_off(answer: Answer) -> bool:
    # The body of a packed answer is recorded unpacked, and may be shorter than what came.
    if header(answer.headers, "content-encoding"):
        return False
    length = header(answer.headers, "content-length") or ""
    return length.isdigit() and len(length) < 10 and int(length) > len(answer.body)


def _kind_of_status(status: int | None) -> Kind:
    known = {None: Kind.NO_STATUS, 0: Kind.SUCCESS, BUSY: Kind.BUSY}
    if status in known:
        return known[status]
    if status in STATUSES:
        return Kind.REFUSAL
    return Kind.OTHER_STATUS
