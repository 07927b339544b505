"""An exchange parsed once: the request, the answer, and the expectation of the contract."""

from __future__ import annotations

from typing import Final, NamedTuple

from ni_contract.contract.numbering import Meaning, interpret
from ni_contract.exchanges.credential import Credential, credential_of
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH
from ni_contract.exchanges.request import ParsedRequest, is_ambiguous, parse_request
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange, Failure
from ni_contract.judge.clauses.request_traits import characteristics_of

EXCUSED: Final = (1, 9)


class EvaluationContext(NamedTuple):
    """The input of every clause. *meaning* is of number and country.

    *answered* is None where no answer came (*failure* says why) or its body was not recorded (*failure* is None).
    *excused* are the statuses about the account instead of the request: busy, out of credit. *secrets* are the
    account's, where it is known, and long enough not to occur in ordinary words.
    """

    exchange: Exchange
    asked: ParsedRequest
    credential: Credential
    meaning: Meaning
    traits: list[str]
    ambiguous: bool
    answered: ParsedResponse | None
    failure: Failure | None
    excused: tuple[int, ...]
    secrets: tuple[str, ...] = ()

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


def evaluation_context(
    exchange: Exchange, account: Credentials | None, excused: tuple[int, ...] = EXCUSED
) -> EvaluationContext:
    """The context of *exchange*; *account* holds the valid credentials, None when they are not known."""
    asked = parse_request(exchange.request)
    credential = credential_of(asked, account, exchange.sent_at, exchange.filtered)
    answer = exchange.answer
    answered = None
    if isinstance(answer, Answer) and answer.body_recorded:
        answered = ParsedResponse(answer, asked.format == "xml")
    meaning = interpret(asked.get("number"), asked.get("country"))
    return EvaluationContext(
        exchange=exchange,
        asked=asked,
        credential=credential,
        meaning=meaning,
        traits=characteristics_of(asked, credential),
        ambiguous=bool(asked.problem) or is_ambiguous(asked) or _is_unstated(exchange, asked, meaning),
        answered=answered,
        failure=answer if isinstance(answer, Failure) else None,
        excused=excused,
        secrets=_secrets_of(account),
    )


def _is_unstated(exchange: Exchange, asked: ParsedRequest, meaning: Meaning) -> bool:
    """Whether the number is a template, or depends on what a stub omits: the number itself, the country."""
    if any(place.startswith("parameter") for place in exchange.templated):
        return True
    return exchange.partial and meaning.facts is None and "" in (asked.get("number") or "", asked.get("country") or "")


def _secrets_of(account: Credentials | None) -> tuple[str, ...]:
    secrets = () if account is None else (account.api_secret, account.signature_secret)
    return tuple(secret for secret in secrets if len(secret) >= MIN_MASKED_LENGTH)
