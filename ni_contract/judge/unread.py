"""Takes out of a request what no clause inspects: wrong secrets, values of unknown parameters, other headers.

The attempts of someone who guesses a secret, and requests that avoid a cache, differ in nothing else.
"""

import re
from functools import lru_cache
from typing import Final

from ni_contract.contract.form_encoding import Pairs
from ni_contract.contract.vocabulary import KNOWN
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import is_secret_name
from ni_contract.exchanges.values import Answer, Headers
from ni_contract.judge.clauses.secret import is_secret

# The value in place of one that was taken out.
UNREAD: Final = "0"
# A parameter whose name and value need no decoding: both with the "=" between them, the name, the value.
_PLAIN: Final = re.compile(r"((?:^|(?<=[?&]))([A-Za-z_][\w.-]{0,39})=)([0-9A-Za-z]{1,64})(?=&|\Z)", re.ASCII)
_READ: Final = KNOWN - {"api_key", "api_secret"}
_INSPECTED: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "accept",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "location",
    }
)
# The parts of an Accept header that clauses look for.
_IN_ACCEPT: Final = ("*/*", "json", "xml")


def without_unread(parameters: tuple[str, str], answer: Answer, own: tuple[str, ...]) -> tuple[tuple[str, str], Pairs]:
    """Both parts of *parameters* with `UNREAD` for each value that no clause inspects, and the names and these values.

    *own* is what the account has: `values_of`.
    """
    taken: list[tuple[str, str]] = []

    def take(match: re.Match[str]) -> str:
        start, name, value = match.groups()
        if _is_read(name, value, answer, own):
            return match[0]
        taken.append((name, value))
        return f"{start}{UNREAD}"

    before, behind = (_PLAIN.sub(take, part) for part in parameters)
    return (before, behind), tuple(taken)


def _is_read(name: str, value: str, answer: Answer, own: tuple[str, ...]) -> bool:
    if name in _READ or value in own:
        return True
    if not is_secret_name(name):
        return False
    is_in_answer = value.encode() in answer.body or any(value in text for _, text in answer.headers)
    return is_in_answer or not is_secret(value)


def values_of(account: Credentials | None) -> tuple[str, ...]:
    """Key and secrets of *account*, which clauses look for."""
    if account is None:
        return ()
    return account.api_key, account.api_secret, account.signature_secret


def inspected(headers: Headers, own: tuple[str, ...] = ()) -> Headers:
    """Those of *headers* that clauses inspect, by their names or for a secret in them among *own*, in order."""
    secrets = [secret for secret in own[1:] if secret]
    return tuple(
        (name, value)
        for name, value in headers
        if _is_inspected(name.lower()) or any(secret in value for secret in secrets)
    )


def _is_inspected(name: str) -> bool:
    return name in _INSPECTED or ("cookie" not in name and is_secret_name(name))


@lru_cache(maxsize=2048)
def inspected_in_request(headers: Headers, own: tuple[str, ...]) -> Headers:
    """As `inspected`, of Accept only the formats in it that count."""
    found = []
    for name, value in inspected(headers, own):
        if name.lower() == "accept":
            value = _formats(value)
        found.append((name, value))
    return tuple(found)


def _formats(accept: str) -> str:
    return " ".join(part for part in _IN_ACCEPT if part in accept)
