"""Unusual lookups of one number, sent once a run: nearly right ones, those by other methods, open ones."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final
from urllib.parse import quote

from ni_contract.contract.countries import countries
from ni_contract.contract.features import Claims
from ni_contract.contract.numbering import interpret
from ni_contract.contract.numbering_plans import REGIONS
from ni_contract.contract.vocabulary import FORM
from ni_contract.drivers.provider.bodies import open_bodies, with_other_types
from ni_contract.drivers.provider.carriers import by_other_carriers
from ni_contract.drivers.provider.controls import INHERITED, KEY, SECRET, WRONG, Fields, by_get, escaped
from ni_contract.drivers.provider.numbers import plain_lookup
from ni_contract.drivers.provider.oddly_written import oddly_written_lookups
from ni_contract.drivers.provider.signed import TIMESTAMP, signed_lookup
from ni_contract.exchanges.credentials import WRONG_KEY, WRONG_SECRET, WRONG_SECRETS
from ni_contract.exchanges.near_misses import CHANGES

# Marks without a width come along where numbers are copied; a dash is no hyphen, a wide plus no plus.
# Not U+FEFF, which is white space in JavaScript.
_OTHER_CHARACTERS: Final = "!\"#$%&'*,./:;<=>?@[\\]^_`{|}~\0\xad\u200b\u200d\u200e\u2011\u2013\u202a\u2060\u2212\uff0b"
_WIDE: Final = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
_SUPERSCRIPT: Final = str.maketrans("0123456789", "\u2070\xb9\xb2\xb3\u2074\u2075\u2076\u2077\u2078\u2079")
# What stands around numbers where they are copied.
_AROUND: Final = ('"{}"', "'{}'", "<{}>", "[{}]", "{{{}}}", "{}\n#", "#\n{}", "tel:+{}", "&#43;{}")
_SEPARATORS_ALONE: Final = ("+", "-", "()", "+ ")
_NO_COUNTRIES: Final = ("44", "001", "G", "EN", "GBG", "null", "826", "EU", "UN", "en-GB", "en_GB", *INHERITED)
# The code of the European Union for Greece, and those of countries that are no more.
_OTHER_CODES: Final = (("302101234567", "EL"), ("59994651234", "AN"), ("79161234567", "SU"))
# What templates, formats and regular expressions fill in.
_TEMPLATES: Final = ("-{{ status }}", "{0}", "%s%n", "$1", "$&", "$$", "\\1", "${status}", "#{status}")
_EMERGENCY_CALLS: Final = ("999", "112")
# With a country, other code decides that these are no numbers of it.
_NO_NATIONAL_NUMBERS: Final = ("1", "123", "0", "+", "abc", "<abc>&", "1" * 16, "1" * 20)
_LONG_NUMBER: Final = escaped(" (4930)  1234-5678 9012 3456 ")
# A number of Egypt; without its plus, a national number of GB.
_PLUS_BEHIND: Final = " +2079460018"
# A calling code twice: possible as an international number alone, and of another country with this code.
_CODE_TWICE: Final = ("11961234567", "DO")
_OTHER_PLANS: Final = ("AU", "BR", "CN", "DE", "FR", "IN", "JP", "KZ", "ZA")
_METHODS_WITH_BODY: Final = ("PUT", "DELETE", "PATCH")

# The names of placeholders: see `near_misses`.
_ONLY_BY_PARAMETER: Final = ("mistaken", "look_alike", "other_digits")
_BY_BASIC: Final = (
    *("other_case", "other_start", "other_end", "after_space", "padded"),
    *(change for change in CHANGES if change not in _ONLY_BY_PARAMETER),
)
_BY_PARAMETER: Final = (
    *("other_start", "other_end", "after_space", "padded", "spaced", "ended", "line", "doubled", "quoted"),
    *(change for change in CHANGES if change != "preceded"),
)
_BY_SIGNATURE: Final = ("padded", "spaced", "garbled", "other_start")
_BEYOND_ASCII: Final = escaped(WRONG_SECRETS[-1])
_WRONG_KEYS: Final = (*(f"{{{{api_key.{change}}}}}" for change in _BY_PARAMETER), *INHERITED, _BEYOND_ASCII)
_WRONG_SECRETS: Final = (
    *(f"{{{{api_secret.{change}}}}}" for change in _BY_PARAMETER),
    escaped("' or '1'='1"),
    *map(escaped, WRONG_SECRETS),
)


def unusual_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """All lookups of *number* that are sent once a run, as far as *claims* has what they need."""
    return (
        *nearly_right_lookups(number, claims),
        *oddly_written_lookups(number, claims),
        *lookups_by_other_methods(number),
        *open_lookups(number, claims),
        *by_other_carriers(number, claims),
    )


def nearly_right_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* that must be refused: nearly a number, nearly its country, or nearly right credentials.

    HTTP Basic, signatures and JSON are nearly right only where *claims* has them.
    """
    return (
        *map(plain_lookup, _no_numbers(number)),
        *(plain_lookup(number, country) for country in _NO_COUNTRIES),
        plain_lookup(number, escaped("\xc5\xc4")),
        *(plain_lookup(*pair) for pair in _OTHER_CODES),
        *map(plain_lookup, _EMERGENCY_CALLS),
        *(plain_lookup(escaped(text), country) for country in (None, "GB", "US") for text in _NO_NATIONAL_NUMBERS),
        plain_lookup(_LONG_NUMBER),
        *(plain_lookup(number, quote(name)) for name in _other_names(number)),
        *(plain_lookup(f"%2B{number}", country) for country in _OTHER_PLANS),
        plain_lookup(escaped(_PLUS_BEHIND), "GB"),
        *(by_get(("number", number), KEY, ("api_secret", secret)) for secret in _WRONG_SECRETS),
        *(by_get(("number", number), ("api_key", key), SECRET) for key in _WRONG_KEYS),
        *_with_wrong_parameters(number),
        *(_with_wrong_basic(number) if "basic-auth" in claims.claimed else ()),
        *(_with_wrong_signature(number, claims) if "signature" in claims.claimed else ()),
        *(with_other_types(number) if "post-json" in claims.claimed else ()),
    )


def _no_numbers(number: str) -> Iterator[str]:
    """Texts that are nearly *number* and no number, as they stand in a query."""
    for character in _OTHER_CHARACTERS:
        yield escaped(f"{character}{number}")
        yield escaped(f"{number[:4]}{character}{number[4:]}")
        yield escaped(f"{number}{character}")
    for text in _AROUND:
        yield escaped(text.format(number))
    yield escaped(f"+0{number}")
    yield escaped(number.translate(_WIDE))
    yield escaped(number.translate(_SUPERSCRIPT))
    yield from map(escaped, _SEPARATORS_ALONE)
    yield from map(quote, _TEMPLATES)
    # Unescaped: some parsers of queries end a parameter at a semicolon.
    yield f"{number};1=1"


def _other_names(number: str) -> tuple[str, ...]:
    """What is no alpha-2 code, of the country of *number*."""
    facts = interpret(number, None).facts
    if facts is None:
        return ()
    country = countries()[facts.country]
    return (f"{country.alpha_2}\n", country.alpha_3, country.name)


def _with_wrong_parameters(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* with a part of wrong credentials, or with a number or a secret by another name."""
    of_number, wrong_key = ("number", number), ("api_key", WRONG_KEY)
    return (
        by_get(of_number, wrong_key),
        by_get(of_number, wrong_key, ("api_secret", "")),
        by_get(of_number, WRONG),
        by_get(("msisdn", number), KEY, SECRET),
        by_get(("to", number), KEY, SECRET),
        # Express and PHP read these as a list and an object.
        by_get(of_number, KEY, ("api_secret[]", WRONG_SECRET)),
        by_get(of_number, KEY, ("api_secret[$ne]", WRONG_SECRET)),
        by_get(of_number, ("api_key", "{{api_secret}}"), ("api_secret", "{{api_key}}")),
        by_get(of_number, ("api_key", "{{api_key.cut}}"), ("api_secret", "{{api_secret.joined}}")),
        by_get(of_number, KEY, WRONG, TIMESTAMP, ("sig", _BEYOND_ASCII)),
        by_get(of_number, ("cnam", "maybe"), KEY, WRONG),
    )


def _with_wrong_basic(number: str) -> Iterator[Fields]:
    """Lookups of *number* by HTTP Basic with a wrong key or secret, or with a wrong secret beside it."""
    of_number = ("number", number)
    for change in _BY_BASIC:
        # A colon ends the key, so that there is no key with one.
        if change not in ("followed", "preceded"):
            yield by_get(of_number, **_authorization(f"Basic {{{{basic.api_key.{change}}}}}"))
    for change in _BY_BASIC:
        yield by_get(of_number, **_authorization(f"Basic {{{{basic.api_secret.{change}}}}}"))
    yield {**by_get(of_number, KEY, WRONG), **_authorization("Basic {{basic}}")}


def _with_wrong_signature(number: str, claims: Claims) -> Iterator[Fields]:
    for change in _BY_SIGNATURE:
        yield signed_lookup(number, claims, {"hex": change})
    # The fixed vectors have these for the first method.
    for method, change in product(claims.methods[1:], ("half", "other_end")):
        yield signed_lookup(number, claims, {"method": method, "hex": change})
    yield by_get(("number", number), KEY, TIMESTAMP, ("sig", _BEYOND_ASCII))


def lookups_by_other_methods(number: str) -> tuple[Fields, ...]:
    """Lookups of *number* by methods that are refused, and by HEAD those with a wrong secret, no secret, no number."""
    right = plain_lookup(number)
    with_form = {**right, "headers": {"Content-Type": FORM}, "body": "a=1&b=2"}
    return (
        {**right, "method": "TRACE"},
        {**right, "method": "DELETE", "path": "/xml"},
        {**right, "method": "PUT", "path": "/xml"},
        *({**with_form, "method": method} for method in _METHODS_WITH_BODY),
        {**by_get(("number", number), KEY, WRONG), "method": "HEAD"},
        {**by_get(("number", number), KEY), "method": "HEAD"},
        {**by_get(KEY, SECRET), "method": "HEAD"},
    )


def open_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* that must be answered, with whatever status."""
    of_number = ("number", number)
    return (
        by_get(of_number, KEY, SECRET, ("cnam", "TRUE")),
        by_get(of_number, KEY, SECRET, ("cnam", "1")),
        by_get(of_number, KEY, SECRET, ("cnam", "")),
        by_get(of_number, ("country", ""), KEY, SECRET),
        plain_lookup(escaped("+44 (0)20 7946 0018")),
        plain_lookup(*_CODE_TWICE),
        {**by_get(of_number), **_authorization("Basic")},
        {**by_get(of_number), **_authorization("Bearer")},
        *(plain_lookup(number, country) for country in _countries_beside(number)),
        *(open_bodies(number) if "post-json" in claims.claimed else ()),
    )


def _countries_beside(number: str) -> tuple[str, ...]:
    """Other countries with the calling code of *number*, at most three, from the beginning to the end of their list."""
    facts = interpret(number, None).facts
    if facts is None:
        return ()
    others = [region for region in REGIONS[int(facts.prefix)] if region != facts.country]
    return tuple(others[:: max(1, len(others) // 2)][:3])


def _authorization(text: str) -> dict[str, Any]:
    return {"headers": {"Authorization": text}}
