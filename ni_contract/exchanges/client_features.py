"""Features that a client may lack: found in its requests, or named by --features."""

from collections.abc import Iterable
from itertools import chain

from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.errors import UsageError, did_you_mean, option
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange

# The reason given for a feature that the client never used.
NEVER_SEEN = {
    "json": "the client never asked for JSON",
    "xml": "the client never asked for XML",
    "post": "the client never sent a POST",
    "post-json": "the client never sent a JSON body",
    "signature": "the client never signed a request",
    "cnam": "the client never sent cnam",
    "country": "the client cannot be given a country",
    "https": "the client never asked over HTTPS",
}


def parse_client_features(text: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """The features claimed and the features excluded in *text*, such as `xml,no-country`. Raises UsageError."""
    claimed: set[str] = set()
    excluded: set[str] = set()
    for word in filter(None, (part.strip() for part in (text or "").split(","))):
        name = word.removeprefix("no-").removeprefix("-")
        if name not in NEVER_SEEN:
            guess = did_you_mean(name, NEVER_SEEN)
            raise UsageError(
                f"{option('features')}: a client has no feature {word!r}{guess}; choose from {', '.join(NEVER_SEEN)}, "
                "each with no- before it to exclude it"
            )
        (claimed if name == word else excluded).add(name)
    return frozenset(claimed - excluded), frozenset(excluded)


def features_seen(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The features that the requests of *exchanges* show."""
    return frozenset(chain.from_iterable(map(_shown_by, exchanges)))


def _shown_by(exchange: Exchange) -> Iterable[str]:
    asked = parse_request(exchange.request)
    if asked.format is not None:
        yield asked.format
    if exchange.request.url.startswith("https:"):
        yield "https"
    if asked.method == "POST":
        yield "post"
        if asked.media_type in JSON_TYPES:
            yield "post-json"
    if asked.get("sig") is not None:
        yield "signature"
    yield from (name for name in ("cnam", "country") if asked.get(name) is not None)
