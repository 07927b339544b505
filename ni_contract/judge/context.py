"""An exchange parsed once: the request, the answer, and the expectation of the contract."""

from functools import lru_cache
from typing import Final, NamedTuple

from ni_contract.contract.numbering import Meaning, interpret
from ni_contract.contract.vocabulary import BUSY, NO_CREDIT
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.request import ParsedRequest, is_ambiguous, parse_request
from ni_contract.exchanges.request_credential import Credential, credential_of
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Exchange, Failure, Request
from ni_contract.judge.clauses.request_key import RequestKey, request_key
from ni_contract.judge.clauses.request_traits import characteristics_of

EXCUSED: Final = (BUSY, NO_CREDIT)


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
        if self.account is None:
            return ()
        known = (self.account.api_secret, self.account.signature_secret)
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


# A judge of providers, of clients and of recordings get the same exchange one after the other.
@lru_cache(maxsize=16)
def _read_request(
    request: Request, account: Credentials | None, sent_at: float | None, filtered: bool
) -> tuple[ParsedRequest, Credential, Meaning, tuple[str, ...], RequestKey, bool]:
    """The fields of an `EvaluationContext` that depend on the request alone."""
    asked = parse_request(request)
    credential = credential_of(asked, account, sent_at, filtered)
    meaning = interpret(asked.get("number"), asked.get("country"))
    traits, key = tuple(characteristics_of(asked, credential)), request_key(asked, credential)
    return asked, credential, meaning, traits, key, bool(asked.problem) or is_ambiguous(asked)


def moment_of(exchange: Exchange) -> float | None:
    """The time at which *exchange* was sent, where it may matter: a signature expires."""
    if exchange.request.method == "POST" or "sig" in exchange.request.url:
        return exchange.sent_at
    return None


def evaluation_context(
    exchange: Exchange, account: Credentials | None, excused: tuple[int, ...] = EXCUSED
) -> EvaluationContext:
    """The context of *exchange*; *account* holds the valid credentials, None when they are not known."""
    read = _read_request(exchange.request, account, moment_of(exchange), exchange.filtered)
    asked, credential, meaning, traits, key, is_open = read
    is_open = is_open or _is_unstated(exchange, asked, meaning)
    answer, answered, failure = exchange.answer, None, None
    if isinstance(answer, Failure):
        failure = answer
    elif answer.body_recorded:
        answered = ParsedResponse(answer, asked.format == "xml")
    return EvaluationContext(
        exchange, asked, credential, meaning, traits, key, is_open, answered, failure, excused, account
    )


def _is_unstated(exchange: Exchange, asked: ParsedRequest, meaning: Meaning) -> bool:
    """Whether the number is a template, or depends on what a stub omits: the number itself, the country."""
    if exchange.templated and any(place.startswith("parameter") for place in exchange.templated):
        return True
    return exchange.partial and meaning.facts is None and "" in (asked.get("number") or "", asked.get("country") or "")
