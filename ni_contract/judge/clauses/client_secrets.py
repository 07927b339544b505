"""The places of the account's secrets: in a client's request, and in what it reports and prints."""

import re
from typing import Final

from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.redaction import redactor_of
from ni_contract.judge.clauses.lookup import LOOKUP
from ni_contract.judge.clauses.registry import clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result
from ni_contract.judge.context import EvaluationContext
from ni_contract.judge.observed_lookup import ObservedLookup

MIN_SECRET_LENGTH: Final = 8  # in characters, of those that the vendor gives out
# Headers in which a gateway or a browser repeats the URL of a request.
_OF_A_URL = re.compile(r"(?i)referer|forwarded|x-(?:original|forwarded|rewrite|envoy|real|request)-.*")


def place_of_secret(reading: EvaluationContext) -> str:
    """The place of a secret of the account in the request; "" where there is none or the account is not known."""
    request, asked = reading.exchange.request, reading.asked
    places = [("URL", request.url), *((f"header {name}", value) for name, value in request.headers)]
    places += [(f"parameter {name}", value) for name, value in (*asked.query, *asked.body) if name != "sig"]
    places.append(("header Authorization", ":".join(basic_pair(asked.authorization) or ())))
    return next((place for place, text in places if any(secret in text for secret in reading.secrets)), "")


def headers_with_secret(reading: EvaluationContext) -> list[str]:
    """The other headers that hold a secret of the account; not those of a gateway or browser that repeat the URL."""
    if not reading.secrets or reading.credential.kind == "signature":
        return []  # NIB-CLI-014
    query = reading.exchange.request.url.partition("?")[2]
    return [
        f"header {name}"
        for name, value in reading.exchange.request.headers
        if name.lower() != "authorization"
        and not name.startswith(":")
        and not (_OF_A_URL.fullmatch(name) and ("/ni/basic/" in value or (query and query in value)))
        and any(_is_word_of(value, secret) for secret in reading.secrets)
    ]


def _is_word_of(text: str, secret: str) -> bool:
    """Whether *secret* stands alone in *text*; a short one may be there by chance."""
    alone = rf"(?<![\w-]){re.escape(secret)}(?![\w-])"
    return len(secret) >= MIN_SECRET_LENGTH and re.search(alone, text) is not None


@clause("NIB-CLI-058", LOOKUP)
def outcome_has_no_secret(seen: ObservedLookup) -> Result:
    told, hide = seen.reported, redactor_of(seen.secrets).known
    parts = {"output": seen.record.printed}
    if told is not None:
        parts = {"reason": str(told.reason), "result": str(told.result), **parts}
    shown_in = [name for name, part in parts.items() if hide(part) != part]
    if shown_in:
        return Finding(shown_in[0], "no secret of the account", "a secret, masked here")
    return NOT_APPLICABLE if told is None else PASSED
