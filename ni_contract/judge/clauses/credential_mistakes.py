"""The mistake in a wrong key or secret, found by making each of the usual ones. It shows nothing of the right one."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.judge.context import EvaluationContext


def _up_to_separator(value: str) -> str:
    """*value* up to its first & or #: what is left of it where neither is encoded in a URL."""
    return re.split("[&#]", value)[0]


_ENCODED: Final = "that was URL-encoded"
_MISTAKES: Final[dict[str, Callable[[str], str]]] = {
    "with a space for its plus, which is sent as %2B": lambda value: value.replace("+", " "),
    "that was not URL-encoded": unquote_plus,
    "that was not URL-encoded, and so ends at its first &": lambda value: unquote_plus(value.partition("&")[0]),
    "that was not URL-encoded, and so ends at its first #": lambda value: unquote_plus(value.partition("#")[0]),
    "that was not URL-encoded, and so ends at its first & or #": lambda value: unquote_plus(_up_to_separator(value)),
    "whose percent signs were not URL-encoded": unquote,
    _ENCODED: quote_plus,
    f"{_ENCODED}, by parts": quote,
    # as encodeURI of JavaScript does
    "that was encoded like a whole URL, and so ends at its first & or #": lambda value: _up_to_separator(value).replace(
        "+", " "
    ),
    "in small letters": str.lower,
    "in capital letters": str.upper,
    "without its first character": lambda value: value[1:],
    "up to its first &": lambda value: value.partition("&")[0],
}
MIN_PART_LENGTH: Final = 4  # in characters


def mistake_in(reading: EvaluationContext) -> str:
    """A phrase for the mistake in the key or the secret; "" where the account is not known."""
    asked, account = reading.asked, reading.account
    if account is None:
        return ""
    basic = basic_pair(asked.authorization)
    key, secret = basic or (asked.get("api_key") or "", asked.get("api_secret") or "")
    mistake = credential_mistake(key, secret, account)
    if basic or asked.media_type in JSON_TYPES:
        return mistake
    # The server decodes parameters once: what is still encoded then was encoded twice.
    return mistake.replace(_ENCODED, f"{_ENCODED} twice")


def credential_mistake(key: str, secret: str, account: Credentials) -> str:
    """A phrase for what was sent as *key* and *secret*, as the server reads them; "" where none fits."""
    if (key, secret) == (account.api_secret, account.api_key):
        return "key and secret changed places"
    for name, sent, right in (("key", key, account.api_key), ("secret", secret, account.api_secret)):
        if sent != right:
            return _mistake(name, sent, right, account)
    return ""


def _mistake(name: str, sent: str, right: str, account: Credentials) -> str:
    if not sent:
        return f"an empty {name}"
    others = {"the api_key": account.api_key, "the signature secret": account.signature_secret}
    if other := next((words for words, value in others.items() if sent == value), ""):
        return f"{other} as the {name}"
    mistake = next((words for words, change in _MISTAKES.items() if sent == change(right)), "")
    if not mistake and sent.strip(" \t\r\n\"'") == right:
        mistake = "with white space or quotes around it"
    if not mistake and len(sent) >= MIN_PART_LENGTH and right.startswith(sent):
        mistake = f"cut off after {len(sent)} characters"
    if mistake:
        return f"the right {name} {mistake}"
    return f"another {name}"
