"""A request split into the fields that a relation can vary."""

from typing import Final, NamedTuple

from ni_contract.contract.form_encoding import Pairs
from ni_contract.contract.numbering import without_separators
from ni_contract.contract.vocabulary import CREDENTIAL_NAMES, KNOWN
from ni_contract.exchanges.request import ParsedRequest
from ni_contract.exchanges.request_credential import Credential

MASKED: Final = "masked"
# cnam has a field of its own; the order of credentials differs with their form.
_ORDERED: Final = KNOWN - {"cnam", "timestamp", *CREDENTIAL_NAMES}


class RequestKey(NamedTuple):
    """A request split into the fields that a relation can vary."""

    format: str
    carrier: str
    credential: str
    number: str
    noise: str
    country: str
    cnam: str
    order: tuple[str, ...]
    extras: Pairs
    headers: tuple[str | None, ...]


def request_key(asked: ParsedRequest, credential: Credential) -> RequestKey:
    number = asked.values.get("number", "missing")
    # Most requests have no ignored parameters: testing for them is cheaper than removing them.
    plain = number if number.isalnum() else without_separators(number) or number
    country = asked.get("country") or ""
    # With a country a plus is no noise: without it the number may be a national one.
    if country and number.lstrip(" (").startswith("+"):
        plain = "+" + plain
    extras: Pairs = ()
    if not asked.values.keys() <= KNOWN:
        extras = tuple(sorted(pair for pair in asked.params if pair[0] not in KNOWN))
    return RequestKey(
        format=asked.format or "",
        carrier=f"{asked.media_type}; {asked.charset}" if asked.method == "POST" else "query",
        credential=MASKED if credential.masked else f"{credential.kind} {credential.method}",
        number=plain,
        noise=number,
        country=country,
        cnam=asked.get("cnam") or "",
        order=tuple([name for name, _ in asked.params if name in _ORDERED]),
        extras=extras,
        headers=(asked.accept, None if asked.method == "POST" else asked.content_type, _stray(asked, credential)),
    )


def _stray(asked: ParsedRequest, credential: Credential) -> str | None:
    if credential.kind == "basic":
        return None
    return asked.authorization
