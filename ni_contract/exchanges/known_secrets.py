"""The secrets in exchanges, collected only to mask them in output."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Final

from ni_contract.exchanges import redaction
from ni_contract.exchanges.credentials import WRONG_KEY, WRONG_SECRETS, Credentials
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Answer, Exchange, Request

# What vectors send in place of a key, a secret or a signature.
WRONG_VALUES: Final = (WRONG_KEY, *WRONG_SECRETS)
# A whole value in brackets, a variable, or a word that people write instead of a secret.
_PLACEHOLDER: Final = re.compile(
    r"<[^<>]{1,100}>|<%[^%]{1,100}%>|\{\{[^{}]{1,100}\}\}|[$#]?\{[^{}]{1,100}\}|%[^%]{1,100}%|\[[^\[\]]{1,100}\]"
    r"|\$(?-i:[A-Z][A-Z_]{1,60})"
    r"|[*_. -]{0,20}(?:(?:redacted|filtered|masked|hidden|removed|scrubbed|sanitized|dummy|placeholder|example)"
    r"(?:[_ -][a-z]{1,20}){0,4}|your[a-z_ -]{0,60}|my[_ -](?:api|secret|key|sig|nexmo|vonage)[a-z_ -]{0,40}"
    r"|(?:[a-z]{1,20}_)?api[_-](?:key|secret))[*_. -]{0,20}",
    re.IGNORECASE,
)


def with_secrets_of(exchanges: Iterable[Exchange], account: Credentials | None) -> Credentials:
    """*account* (None: not given), which also masks every secret found in *exchanges*."""
    seen = set(chain.from_iterable(map(secrets_in, exchanges)))
    return replace(account or Credentials("", "", ""), seen=tuple(sorted(seen)))


def with_signatures_of(exchanges: Iterable[Exchange], account: Credentials) -> Credentials:
    """*account*, which also masks the signatures in *exchanges*: a provider may send them back under any name."""
    seen = set(chain.from_iterable(signatures_in(exchange.request) for exchange in exchanges))
    return replace(account, seen=tuple(sorted(filter(is_secret_value, seen))))


def signatures_in(request: Request) -> Iterator[str]:
    """The values of the parameter `sig`."""
    if "sig" in request.url.lower() or b"sig" in request.body.lower():
        asked = parse_request(request)
        yield from (value for name, value in (*asked.query, *asked.body) if name.lower() == "sig")


def secrets_in(exchange: Exchange) -> Iterator[str]:
    """Every credential in *exchange*, however its name is spelled: in parameters, headers and bodies."""
    yield from map(str.strip, filter(is_secret_value, _values_in(exchange)))


# The requests of one account have the same credentials.
@lru_cache(maxsize=64)
def is_secret_value(value: str) -> bool:
    """Whether *value*, under the name of a credential, is a secret: no mask, placeholder or value of a vector."""
    plain = value.strip()
    if not plain or redaction.is_mask(plain):
        return False
    return plain not in WRONG_VALUES and _PLACEHOLDER.fullmatch(plain) is None


def _values_in(exchange: Exchange) -> Iterator[str]:
    asked, answer = parse_request(exchange.request), exchange.answer
    yield from (value for name, value in (*asked.query, *asked.body) if redaction.is_secret_name(name))
    yield from redaction.named_values(exchange.request.url)
    yield from redaction.named_values(exchange.request.body.decode("utf-8", "replace"))
    for name, value in exchange.request.headers:
        yield from header_secrets(name, value)
    if isinstance(answer, Answer):
        yield from redaction.named_values(answer.body.decode("utf-8", "replace"))


def header_secrets(name: str, value: str) -> Iterator[str]:
    """The secrets in a header that carries one: the token after a scheme, and a Basic pair; none of a cookie."""
    if not redaction.is_secret_header(name) or "cookie" in name.lower():
        return
    scheme, _, token = value.strip().partition(" ")
    yield token or scheme
    yield from basic_pair(value) or ()
