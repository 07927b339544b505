"""Clauses about a recorded exchange: it contains no secret. A finding never shows the secret."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Final
from urllib.parse import urlsplit

from ni_contract.contract.signature import matching_method
from ni_contract.exchanges.credentials import (
    EXAMPLE_KEY,
    EXAMPLE_SECRET,
    EXAMPLE_SIGNATURE_SECRET,
    RECORDED_ACCOUNT,
    WRONG_SECRET,
)
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.known_secrets import is_secret_value
from ni_contract.exchanges.redaction import MIN_MASKED_LENGTH, is_secret_header, is_secret_name
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Answer
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.result import PASSED, Result
from ni_contract.judge.context import EvaluationContext

SecretCheck = Callable[[EvaluationContext], Result]
SECRET: Final[Stage[SecretCheck]] = Stage()

_EXPECTED, _HIDDEN = "masked, or left out", "a value that is not shown"

# The reference page publishes them: they are secrets of no account.
_PUBLISHED: Final = frozenset({EXAMPLE_KEY, EXAMPLE_SECRET, EXAMPLE_SIGNATURE_SECRET})


def is_secret(value: str) -> bool:
    """Whether *value* is a secret of some account: no mask, placeholder or published value."""
    return is_secret_value(value) and value.strip() not in _PUBLISHED


def _parameter(reading: EvaluationContext, ending: str) -> Result:
    """The finding of a parameter whose name, in any spelling, ends with *ending*: apiSecret counts as well."""
    for name, value in (*reading.asked.query, *reading.asked.body):
        if is_secret_name(name) and _letters(name).endswith(ending) and is_secret(value):
            return Finding(f"parameter {name}", _EXPECTED, _HIDDEN)
    return PASSED


for _id, _ending in (("NIB-SEC-001", "secret"), ("NIB-SEC-004", "key")):
    clause(_id, SECRET)(partial(_parameter, ending=_ending))


@lru_cache(maxsize=256)
def _letters(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


def _is_secret_header(value: str) -> bool:
    """Whether the value of a header is a secret; a Basic token of two masks, as in live recordings, is none."""
    pair = basic_pair(value)
    if pair is not None:
        return any(map(is_secret, pair))
    return is_secret(value.partition(" ")[2] or value)


@clause("NIB-SEC-002", SECRET)
def authorization(reading: EvaluationContext) -> Result:
    for name, value in reading.exchange.request.headers:
        if is_secret_header(name) and "cookie" not in name.lower() and _is_secret_header(value):
            return Finding(f"header {name}", _EXPECTED, _HIDDEN)
    if _has_user(reading.exchange.request.url):
        return Finding("URL", "no user information", _HIDDEN)
    return PASSED


def _has_user(url: str) -> bool:
    if "@" not in url:
        return False
    try:
        user = urlsplit(url).netloc.rpartition("@")[0]
    except ValueError:
        return False
    return any(map(is_secret, user.split(":")))


@clause("NIB-SEC-003", SECRET)
def signature(reading: EvaluationContext) -> Result:
    sig = reading.asked.get("sig")
    if sig is not None and _is_recorded(reading, sig):
        return PASSED
    return _parameter(reading, "sig")


def _is_recorded(reading: EvaluationContext, sig: str) -> bool:
    """Whether *sig* is that of a live recording: made with example secrets, with the wrong one, or with none."""
    if is_secret(reading.asked.get("api_key") or ""):
        return False
    keys = (RECORDED_ACCOUNT.signature_secret, RECORDED_ACCOUNT.api_secret, WRONG_SECRET, "")
    return any(matching_method(reading.asked.params, key, sig) is not None for key in keys)


@clause("NIB-SEC-005", SECRET)
def secret_in_answer(reading: EvaluationContext) -> Result:
    answer = reading.exchange.answer
    if not isinstance(answer, Answer):
        return PASSED
    for secret in secrets_of(reading):
        if len(secret) >= MIN_MASKED_LENGTH:
            if secret.encode("utf-8", "surrogatepass") in answer.body:
                return Finding("answer, body", "no secret of the request in it", _HIDDEN)
            for name, value in answer.headers:
                if secret in value:
                    return Finding(f"answer, header {name}", "no secret of the request in it", _HIDDEN)
    return PASSED


def secrets_of(reading: EvaluationContext) -> Iterable[str]:
    """The secret values in the request of *reading*: API secret, signature, Basic password and token."""
    for name, value in (*reading.asked.query, *reading.asked.body):
        is_told = is_secret_name(name) and not _letters(name).endswith("key")
        if is_told and is_secret(value) and not _is_recorded(reading, value):
            yield value
    authorization = reading.asked.authorization or ""
    if (token := authorization.partition(" ")[2].strip()) and _is_secret_header(authorization):
        yield token
    if (pair := basic_pair(reading.asked.authorization)) is not None and is_secret(pair[1]):
        yield pair[1]
