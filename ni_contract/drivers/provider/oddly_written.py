"""Lookups that must be served, however oddly they are written: sent once a run."""

from collections.abc import Iterator
from typing import Final

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.bodies import forms_otherwise, signed_in_pieces, written_otherwise
from ni_contract.drivers.provider.controls import (
    AMERICAN,
    INHERITED,
    KEY,
    SECRET,
    Fields,
    by_get,
    escaped,
    parameters_of,
)
from ni_contract.drivers.provider.numbers import plain_lookup
from ni_contract.drivers.provider.signed import first_method, signed_lookup

# Frameworks, proxies and file servers read these.
_HEADERS: Final = (
    ("X-HTTP-Method-Override", "DELETE"),
    ("Range", "bytes=0-4"),
    ("Origin", "https://example.com"),
    ("User-Agent", "curl/8.10.1"),
    ("User-Agent", ""),
)
# What other APIs, and other examples of this one, call a number and a country.
_NAMES_OF_OTHERS: Final = (
    *((name, AMERICAN) for name in ("to", "from", "phone", "phone_number", "phoneNumber", "msisdn", "recipient")),
    *((name, "US") for name in ("country_code", "countryCode", "region", "default_country", "locale")),
)
# Parameters that the API does not have.
_IN_CAPITALS: Final = (("NUMBER", "1"), ("Country", "US"), ("Cnam", "1"), ("Timestamp", "1"))
_NONCE: Final = ("note", "{{nonce}}")


def oddly_written_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* that must be served: odd separators, headers, names and signatures, other JSON."""
    return (
        *map(plain_lookup, map(escaped, _with_odd_separators(number))),
        plain_lookup(escaped("+1 416-555-0123"), "CA"),
        # This zero is part of the number, unlike one that only callers within a country dial.
        plain_lookup(escaped("+39 (0)6 6981 2345")),
        *_with_other_headers(number),
        *_with_unknown_parameters(number),
        *(forms_otherwise(number) if "post-form" in claims.claimed else ()),
        *(written_otherwise(number) if "post-json" in claims.claimed else ()),
        *(_oddly_signed(number, claims) if "signature" in claims.claimed else ()),
        *_signed_by_each_method(number, claims),
    )


def _with_odd_separators(number: str) -> tuple[str, ...]:
    first, rest = number[:2], number[2:]
    return (
        f"(({first}) {rest[:3]}) {rest[3:]}",
        f"({first}{rest}",
        f"{first}) {rest}",
        f"{first}--{rest}",
        f"-{number}",
        f"{number}-",
        f"{number} (",
        f"++{number}",
        f"{first}+{rest}",
        f"{number}+",
    )


def _with_other_headers(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* with headers that change nothing; the path, not Accept, chooses the format."""
    right = plain_lookup(number)
    return (
        {**right, "headers": {"Accept": "application/xml"}},
        {**right, "headers": {"Accept": "text/xml, application/json;q=0.5"}},
        {**right, "path": "/xml", "headers": {"Accept": "application/json"}},
        *({**right, "headers": {name: value}} for name, value in _HEADERS),
    )


def _with_unknown_parameters(number: str) -> tuple[Fields, ...]:
    right = plain_lookup(number)
    return (
        {**right, "query": f"debug&{right['query']}"},
        by_get(("number", number), *_NAMES_OF_OTHERS, KEY, SECRET),
        by_get(*((name, "1") for name in INHERITED), *parameters_of(right)),
        by_get(*_IN_CAPITALS, *parameters_of(right)),
        by_get(*parameters_of(right), *_IN_CAPITALS, ("note", "long" * 300)),
    )


def _oddly_signed(number: str, claims: Claims) -> Iterator[Fields]:
    """Lookups of *number* signed with text that signing or parsing may lose."""
    for other in (("number2", "1"), ("cnam", "false"), ("note", escaped("=a&=b&=")), ("note", "a=b")):
        yield signed_lookup(number, claims, {}, other)
    signed = signed_lookup(number, claims, {})
    yield {**signed, "query": f"{signed['query']}&"}
    if "post-json" in claims.claimed:
        yield signed_in_pieces(number, first_method(claims))


def _signed_by_each_method(number: str, claims: Claims) -> Iterator[Fields]:
    # A number that is written in hexadecimal digits loses its leading zeros.
    for method in claims.methods:
        yield signed_lookup(number, claims, {"method": method, "begins": "0"}, _NONCE)
    # The first method is that of the lookups above.
    for method in claims.methods[1:]:
        for note in ("", escaped("\xe9\u20ac =a&")):
            yield signed_lookup(number, claims, {"method": method, "hex": "upper"}, ("note", note))
