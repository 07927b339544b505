"""Headers of a request that hold a secret of the account."""

from __future__ import annotations

import re
from typing import Final

from ni_contract.judge.context import EvaluationContext

MIN_SECRET_LENGTH: Final = 8  # in characters, of those that the vendor gives out
# Headers in which a gateway or a browser repeats the URL of a request.
_OF_A_URL = re.compile(r"(?i)referer|forwarded|x-(?:original|forwarded|rewrite|envoy|real|request)-.*")


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
