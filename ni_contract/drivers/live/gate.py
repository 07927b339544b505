"""Preconditions of a live run; each refusal is one sentence."""

from urllib.parse import urlsplit

from ni_contract.contract.vocabulary import API_PATH, API_URL
from ni_contract.drivers.provider.find_target import any_base_url_of, is_loopback
from ni_contract.errors import UsageError, require
from ni_contract.exchanges.credentials import EXAMPLE_KEY, EXAMPLE_SECRET, Credentials

PRODUCTION = API_URL + API_PATH


def live_base_url(url: str) -> str:
    """*url* ending in /ni/basic. Raises UsageError for an invalid URL, and for plain HTTP, even to this machine."""
    base_url = any_base_url_of(url)
    hint = "which shows the credentials to everyone on the way; give https://"
    require(base_url.startswith("https://"), f"{base_url} is plain HTTP, {hint}")
    return base_url


def refuse_without_credentials(given: Credentials | None) -> Credentials:
    """The credentials. Raises UsageError when there are none."""
    if given is None:
        raise UsageError("a live run needs an account: set NI_API_KEY and NI_API_SECRET; nothing was sent")
    return given


def refuse_examples(given: Credentials, base_url: str) -> None:
    """Raises UsageError for the published examples, unless *base_url* leads to a stand-in on this machine."""
    is_example = (given.api_key, given.api_secret) == (EXAMPLE_KEY, EXAMPLE_SECRET)
    is_allowed = not is_example or is_loopback(urlsplit(base_url).hostname or "")
    hint = "set your own NI_API_KEY and NI_API_SECRET; nothing was sent"
    require(is_allowed, f"the published examples are no account: {hint}")
