"""Changes of providers that several mutants are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mutants.tools import Facts, Mutant, Seen, answering, page
from ni_contract.exchanges.values import Answer, Request, header

OBSERVED = "observed"
LISBON = "351210000000"


def is_plain(seen: Seen, number: str) -> bool:
    """A GET of the JSON path for *number* without any special characteristic."""
    names = [name for name, _ in seen.asked.query]
    is_get = seen.request.method == "GET" and seen.asked.format == "json"
    return is_get and names == ["number", "api_key", "api_secret"] and seen.get("number") == number


def is_open(seen: Seen, _facts: Facts) -> bool:
    """Whether the documented edition leaves the refusal open."""
    return seen.get("number") == "02079460018" and not seen.get("country")


def one_of(condition: bool, instead: Callable[[], Request | Answer], seen: Seen) -> Request | Answer:
    """*instead* where *condition* holds; called only when needed, since a superfluous request would use up the rate."""
    return instead() if condition else seen.request


def when(condition: Callable[[Seen], bool], instead: Callable[[Seen], Request | Answer]) -> Mutant:
    """A provider that answers requests for which *condition* holds by *instead*."""
    return Mutant(lambda seen: one_of(condition(seen), lambda: instead(seen), seen))


def page_of(http_status: int) -> Callable[[Seen], Answer]:
    return lambda seen: page(http_status)


def content_type(seen: Seen) -> str:
    return header(seen.request.headers, "content-type") or ""


def raw_query(seen: Seen) -> str:
    return seen.request.url.partition("?")[2]


def is_signed(seen: Seen) -> bool:
    return seen.get("sig") is not None


def _in_documented_name(facts: Facts) -> Facts:
    """Another name of the same country: right by itself, but different from the compared answers."""
    aliases = {"GB": "Great Britain", "US": "United States", "FR": "French Republic"}
    return {"country_name": aliases.get(facts["country_code"], facts["country_name"])}


def alias_when(condition: Any) -> Mutant:
    """A provider that names the country differently whenever *condition* holds for the request."""
    return answering(
        lambda seen, facts: facts["status"] == 0 and condition(seen), lambda facts: facts | _in_documented_name(facts)
    )


def texts(facts: Facts, text: str) -> Facts:
    return {name: text for name in ("status_message", "error_text", "text") if name in facts}


_counter = iter(range(10**9))


def count() -> int:
    return next(_counter)
