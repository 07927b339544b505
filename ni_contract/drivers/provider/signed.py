"""Signed lookups, as the fields of vectors."""

from typing import Final

from ni_contract.contract.features import Claims
from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.controls import KEY, Fields, by_get

TIMESTAMP: Final = ("timestamp", "{{timestamp}}")
_SIG: Final = ("sig", "{{sig}}")


def signed_lookup(number: str, claims: Claims, how: dict[str, str], *others: tuple[str, str]) -> Fields:
    """A lookup of *number* signed by the first method of *claims*, or as *how* says, with *others* beside it."""
    sign = {"method": first_method(claims), **how}
    return by_get(("number", number), *others, KEY, TIMESTAMP, _SIG, sign=sign)


def first_method(claims: Claims) -> str:
    return (*claims.methods, METHODS[0])[0]
