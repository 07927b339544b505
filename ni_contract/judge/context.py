"""An exchange parsed once: the request, the answer, and the expectation of the contract."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, NamedTuple, TypeVar

from ni_contract.contract.numbering import Meaning, interpret
from ni_contract.exchanges.credential import Credential, credential_of
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.request import ParsedRequest, is_ambiguous, parse_request
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge.clauses.request_key import RequestKey, request_key
from ni_contract.judge.clauses.request_traits import characteristics_of

Kept = TypeVar("Kept", dict[Any, Any], set[int])
EXCUSED: Final = (1, 9)
# Longer requests, in characters of the URL and bytes of the body, are read each time: nobody sends many of them.
MAX_KEPT_REQUESTS, MAX_KEPT_LENGTH = 12_000, 1_000


class EvaluationContext(NamedTuple):
    """The input of every clause. *meaning* is of number and country, *key* is what relations compare.

    *answered* is None where no answer came (*failure* says why) or its body was not recorded (*failure* is None).
    *excused* are the statuses about the account instead of the request: busy, out of credit. *account* is None where
    it is not known.
    """

    exchange: Exchange
    asked: ParsedRequest
    credential: Credential
    meaning: Meaning
    traits: tuple[str, ...]
    key: RequestKey
    ambiguous: bool
    answered: ParsedResponse | None
    failure: Failure | None
    excused: tuple[int, ...]
    account: Credentials | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The account's, where it is known, and long enough not to be found in ordinary words."""
        known = () if self.account is None else (self.account.api_secret, self.account.signature_secret)
        return tuple(secret for secret in known if len(secret) >= MIN_MASKED_LENGTH)

    @property
    def request_id(self) -> str:
        """The request_id of the answer; "" where there is none, or where a stub has to repeat it."""
        if self.answered is None or not self.is_lookup or self.exchange.partial:
            return ""
        value = self.answered.keys.get("request_id")
        if isinstance(value, str):
            return value
        return ""

    @property
    def is_lookup(self) -> bool:
        """Whether this is a GET or POST on one of the API's two paths."""
        return self.asked.format is not None and self.asked.method in ("GET", "POST")


class _RequestReading(NamedTuple):
    asked: ParsedRequest
    credential: Credential
    meaning: Meaning
    traits: tuple[str, ...]
    key: RequestKey
    ambiguous: bool


_kept: Final[dict[Hashable, _RequestReading]] = {}
_seen_once: Final[set[int]] = set()


def _read_request(exchange: Exchange, account: Credentials | None) -> _RequestReading:
    """The reading of the request, kept from its second time on: to keep what comes once costs more than it saves."""
    request = exchange.request
    sent_at = exchange.sent_at if _may_be_signed(request) else None
    key = (request, account, sent_at, exchange.filtered)
    found = _kept.get(key)
    if found is not None:
        return found
    found = _new_reading(*key)
    if len(request.url) + len(request.body) <= MAX_KEPT_LENGTH:
        hashed = hash(key)
        if hashed in _seen_once:
            _make_room(_kept)[key] = found
        else:
            _make_room(_seen_once).add(hashed)
    return found


def clear_readings() -> None:
    """Empties the cache of requests."""
    _kept.clear()
    _seen_once.clear()


def _make_room(kept: Kept) -> Kept:
    if len(kept) >= MAX_KEPT_REQUESTS:
        kept.clear()
    return kept


def _new_reading(
    request: Request, account: Credentials | None, sent_at: float | None, filtered: bool
) -> _RequestReading:
    asked = parse_request(request)
    credential = credential_of(asked, account, sent_at, filtered)
    return _RequestReading(
        asked=asked,
        credential=credential,
        meaning=interpret(asked.get("number"), asked.get("country")),
        traits=tuple(characteristics_of(asked, credential)),
        key=request_key(asked, credential),
        ambiguous=bool(asked.problem) or is_ambiguous(asked),
    )


def _may_be_signed(request: Request) -> bool:
    """Whether the moment may matter at which *request* was sent."""
    return request.method == "POST" or "sig" in request.url


def evaluation_context(
    exchange: Exchange, account: Credentials | None, excused: tuple[int, ...] = EXCUSED
) -> EvaluationContext:
    """The context of *exchange*; *account* holds the valid credentials, None when they are not known."""
    found = _read_request(exchange, account)
    answer = exchange.answer
    answered = None
    if isinstance(answer, Answer) and answer.body_recorded:
        answered = ParsedResponse(answer, found.asked.format == "xml")
    return EvaluationContext(
        exchange=exchange,
        asked=found.asked,
        credential=found.credential,
        meaning=found.meaning,
        traits=found.traits,
        key=found.key,
        ambiguous=found.ambiguous or _is_unstated(exchange, found.asked, found.meaning),
        answered=answered,
        failure=answer if isinstance(answer, Failure) else None,
        excused=excused,
        account=account,
    )


def _is_unstated(exchange: Exchange, asked: ParsedRequest, meaning: Meaning) -> bool:
    """Whether the number is a template, or depends on what a stub omits: the number itself, the country."""
    if exchange.templated and any(place.startswith("parameter") for place in exchange.templated):
        return True
    return exchange.partial and meaning.facts is None and "" in (asked.get("number") or "", asked.get("country") or "")
