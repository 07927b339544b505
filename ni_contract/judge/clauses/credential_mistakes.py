"""The mistake in a wrong key or secret, found by making each of the usual ones. It shows nothing of the right one."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ni_contract.exchanges.credentials import Credentials

_MISTAKES: Final[dict[str, Callable[[str], str]]] = {
    "with a space for its plus, which is sent as %2B": lambda value: value.replace("+", " "),
    "that was not URL-encoded": unquote_plus,
    "whose percent signs were not URL-encoded": unquote,
    "that was URL-encoded twice": quote_plus,
    "that was URL-encoded twice, by parts": quote,
    "in small letters": str.lower,
    "in capital letters": str.upper,
    "without its first character": lambda value: value[1:],
    "up to its first &": lambda value: value.partition("&")[0],
}
MIN_PART_LENGTH: Final = 4  # in characters


def credential_mistake(key: str, secret: str, account: Credentials) -> str:
    """A phrase for what was sent as *key* and *secret*; "" where none fits."""
    if (key, secret) == (account.api_secret, account.api_key):
        return "key and secret changed places"
    for name, sent, right in (("key", key, account.api_key), ("secret", secret, account.api_secret)):
        if sent != right:
            return _mistake(name, sent, right, account)
    return ""


def _mistake(name: str, sent: str, right: str, account: Credentials) -> str:
    others = {"the api_key": account.api_key, "the signature secret": account.signature_secret}
    if other := next((words for words, value in others.items() if sent == value), ""):
        return f"{other} as the {name}"
    mistake = next((words for words, change in _MISTAKES.items() if sent == change(right)), "")
    if not mistake and sent.strip(" \t\r\n\"'") == right:
        mistake = "with white space or quotes around it"
    if not mistake and len(sent) >= MIN_PART_LENGTH and right.startswith(sent):
        mistake = f"cut off after {len(sent)} characters"
    return f"the right {name} {mistake}" if mistake else f"another {name}"
