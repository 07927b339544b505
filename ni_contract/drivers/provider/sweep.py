"""Lookups that are sent once a run: numbers of every region, and numbers and credentials that are nearly right."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache, partial
from itertools import chain, islice, product, starmap
from typing import Final
from urllib.parse import quote

import phonenumbers
from phonenumbers import PhoneNumberType

from ni_contract.contract.countries import countries
from ni_contract.contract.features import Claims
from ni_contract.contract.numbering import MAX_E164_DIGITS, interpret
from ni_contract.contract.numbering_plans import REGIONS, is_valid_in, parse_international, region_of
from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.bodies import open_bodies, with_other_types, written_otherwise
from ni_contract.drivers.provider.controls import Fields, escaped, with_parameters
from ni_contract.drivers.provider.numbers import example_of, plain_lookup
from ni_contract.exchanges.credentials import WRONG_KEY, WRONG_SECRET, WRONG_SECRETS
from ni_contract.exchanges.near_misses import CHANGES

_DIGITS: Final = "1234567890"
# Shared calling codes with many short prefixes of smaller countries: so many digits between these tell the country.
_SHARED: Final = ((1, "", 3, "2345678"), (44, "7", 3, "123456"), (7, "", 2, "12345678"), (262, "", 3, "123456"))
_NATIONAL_KINDS: Final = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
_OTHER_COUNTRY_EVERY: Final = 8
_EVEN: Final = 262  # Mayotte has as many prefixes as Reunion
# Marks without a width come along where numbers are copied; a dash is no hyphen, a wide plus no plus.
# Not U+FEFF, which is white space in JavaScript.
_OTHER_CHARACTERS: Final = "!\"#$%&'*,./:;<=>?@[\\]^_`{|}~\0\xad\u200b\u200d\u200e\u2011\u2013\u202a\u2060\u2212\uff0b"
_PAIRS: Final = ('""', "''", "<>", "[]", "{}")
_OTHER_COUNTRIES: Final = ("44", "001", "G", "EN", "GBG", "null", "826", "EU", "UN", "en-GB", "en_GB")
_GREECE: Final = ("302101234567", "EL")  # the code of the European Union
_OTHER_PLANS: Final = ("AU", "BR", "CN", "DE", "FR", "IN", "JP", "KZ", "ZA")
_CHANGES: Final = ("other_start", "other_end", "after_space", "padded", "spaced", "ended", "line", "doubled", "quoted")
_BY_BASIC: Final = ("other_case", *_CHANGES[:4], *CHANGES)
_BY_SIGNATURE: Final = ("padded", "spaced", "garbled")
# Every object of JavaScript has these.
_INHERITED: Final = ("constructor", "__proto__", "toString")
_GET: Final = {"method": "GET", "path": "/json"}
_SIGNED: Final = (("timestamp", "{{timestamp}}"), ("sig", "{{sig}}"))
_INJECTED: Final = "' or '1'='1"
_WIDE: Final = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
_SUPERSCRIPT: Final = str.maketrans("0123456789", "\u2070\xb9\xb2\xb3\u2074\u2075\u2076\u2077\u2078\u2079")
# Express and PHP read these as a list and an object.
_STRUCTURED: Final = ("api_secret[]", "api_secret[$ne]")
_CNAMS: Final = ("TRUE", "1", "")
_BARE: Final = ("Basic", "Bearer")
# Every letter on the keys of a telephone.
_WORDS: Final = (
    "1415ABCDEFG",
    "1415HIJKLMN",
    "1415OPQRSTU",
    "1415VWXYZAB",
    "1415abcdefg",
    "1415hijklmn",
    "1415opqrstu",
)
_WITHOUT_DIGITS: Final = ("+", "-", "()", "+ ")


@cache
def lookups_of_all_regions() -> tuple[Fields, ...]:
    """Plain lookups of every example of libphonenumber, each number once, and of forms that tables often get wrong."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = dict.fromkeys(chain.from_iterable(map(_numbers, regions)))
    national = starmap(_national, product(_NATIONAL_KINDS, regions))
    known = {(number[:digits], len(number)) for number, digits in product(numbers, (1, 2, 3))}
    numbers |= dict.fromkeys(chain.from_iterable(_of_other_lengths(code, known) for code in REGIONS))
    numbers |= dict.fromkeys(_of_shared_codes())
    return (*map(plain_lookup, (*numbers, *_WORDS)), *filter(None, national), *_with_countries(regions))


def _numbers(region: str) -> Iterator[str]:
    for kind in PhoneNumberType.values():
        if example := example_of(region, kind):
            yield example[1]
    yield from _possible_only(region)


def _possible_only(region: str) -> Iterator[str]:
    """A number that is possible and not valid, of the main region of a calling code; a provider must serve it."""
    example = phonenumbers.example_number(region)
    if example is None or REGIONS[example.country_code or 0][0] != region:
        return
    national = phonenumbers.national_significant_number(example)
    beginnings = chain(_DIGITS, map("".join, product(_DIGITS, repeat=2)))
    changed = (f"{example.country_code}{first}{national[len(first) :]}" for first in beginnings)
    yield from islice(filter(partial(_is_possible_only, region), changed), 1)


def _is_possible_only(region: str, digits: str) -> bool:
    number = parse_international(digits)
    return number is not None and not is_valid_in(number, region) and _is_served(digits)


def _national(kind: int, region: str) -> Fields | None:
    """A lookup of a number in national form for *region*, where that form has no second meaning.

    Those of fixed lines are by XML, whose names of countries may have a table of their own.
    """
    example = example_of(region, kind)
    if example is None:
        return None
    _, international, digits = example
    meaning = interpret(digits, region)
    if not meaning.certain or meaning.facts is None or meaning.facts.international != international:
        return None
    lookup = plain_lookup(digits, region)
    if kind == PhoneNumberType.FIXED_LINE:
        return {**lookup, "path": "/xml"}
    return lookup


def _with_countries(regions: list[str]) -> Iterator[Fields]:
    """A number of each region that has no lookup in national form, with its country; every nth with another country."""
    for place, (region, other) in enumerate(zip(regions, (*regions[1:], *regions[:1]), strict=True)):
        _, number, _ = example_of(region, PhoneNumberType.FIXED_LINE) or ("", "", "")
        if number and _national(PhoneNumberType.FIXED_LINE, region) is None and interpret(number, region).certain:
            yield plain_lookup(number, region)
        if number and place % _OTHER_COUNTRY_EVERY == 0 and interpret(f"+{number}", other).certain:
            yield plain_lookup(f"%2B{number}", other)


def _of_other_lengths(code: int, known: AbstractSet[tuple[str, int]]) -> Iterator[str]:
    """A number of each length that is possible under a calling code, but for those in *known*, with the code."""
    example = phonenumbers.example_number(REGIONS[code][0])
    if example is None:
        return
    digits = f"{code}{phonenumbers.national_significant_number(example)}{_DIGITS}"
    for length in range(len(str(code)) + 2, MAX_E164_DIGITS + 1):
        if (str(code), length) not in known and _is_served(digits[:length]):
            yield digits[:length]


def _is_served(digits: str) -> bool:
    meaning = interpret(digits, None)
    return meaning.certain and meaning.facts is not None and meaning.facts.international == digits


def _of_shared_codes() -> Iterator[str]:
    """A number of each prefix of a country that is not the main one of its calling code, or as large as that."""
    for code, first, width, last in _SHARED:
        for middle in range(10**width):
            digits = f"{code}{first}{middle:0{width}}{last}"
            number = parse_international(digits)
            region = number and region_of(number)
            if region and (region != REGIONS[code][0] or code == _EVEN):
                yield digits


def unusual_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """All lookups of *number* that are sent once a run, as far as *claims* has what they need."""
    odd = oddly_written_lookups(number, claims)
    others = (*lookups_by_other_methods(number), *open_lookups(number, claims))
    return (*nearly_right_lookups(number, claims), *odd, *others)


def nearly_right_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* that must be refused: with a character that no number has, or credentials that are close.

    HTTP Basic and signatures are nearly right only where *claims* has them.
    """
    around = (f"{first}{number}{last}" for first, last in _PAIRS)
    single = ((f"{c}{number}", f"{number[:4]}{c}{number[4:]}", f"{number}{c}") for c in _OTHER_CHARACTERS)
    lines = (f"{number}\n#", f"#\n{number}", f"tel:+{number}", f"&#43;{number}")
    others = (number.translate(_WIDE), number.translate(_SUPERSCRIPT), *lines, *_WITHOUT_DIGITS)
    written = map(escaped, chain(chain.from_iterable(single), around, others))
    odd = map(plain_lookup, (*written, f"{number};1=1"))
    impossible = map(plain_lookup, ("999", "112"))
    codes = (*(plain_lookup(number, country) for country in _OTHER_COUNTRIES), plain_lookup(*_GREECE), *impossible)
    mismatches = (plain_lookup(f"%2B{number}", country) for country in _OTHER_PLANS)
    named = (plain_lookup(number, quote(name)) for name in _other_names(number))
    close = (f"{{{{api_secret.{change}}}}}" for change in (*_CHANGES, *CHANGES))
    words = map(escaped, (_INJECTED, *WRONG_SECRETS))
    secrets = (_with_credentials(number, "{{api_key}}", secret) for secret in (*close, *words))
    close = (f"{{{{api_key.{change}}}}}" for change in (*_CHANGES, *CHANGES))
    inherited = (*_INHERITED, escaped(WRONG_SECRETS[-1]))
    keys = (_with_credentials(number, key, "{{api_secret}}") for key in (*close, *inherited))
    parts = (*_with_a_part(number), _with_credentials(number, "{{api_secret}}", "{{api_key}}"))
    return (*odd, *codes, *named, *mismatches, *secrets, *keys, *parts, *_otherwise(number, claims))


def _other_names(number: str) -> tuple[str, ...]:
    """What is no alpha-2 code, of the country of *number*."""
    facts = interpret(number, None).facts
    if facts is None:
        return ()
    country = countries()[facts.country]
    return (f"{country.alpha_2}\n", country.alpha_3, country.name)


def open_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* whose result is open, but not that there is one."""
    cnams = ({**plain_lookup(number), "query": f"{plain_lookup(number)['query']}&cnam={cnam}"} for cnam in _CNAMS)
    bare = ({**_GET, "query": f"number={number}", "headers": {"Authorization": word}} for word in _BARE)
    return (*cnams, *bare, *(open_bodies(number) if "post-json" in claims.claimed else ()))


def _with_a_part(number: str) -> Iterator[Fields]:
    """Lookups of *number* with a part of wrong credentials, or with a number or a secret by another name."""
    pairs = [("number", number), ("api_key", WRONG_KEY), ("api_secret", WRONG_SECRET)]
    alias = [("msisdn", number), ("api_key", "{{api_key}}"), ("api_secret", "{{api_secret}}")]
    structured = ([pairs[0], ("api_key", "{{api_key}}"), (name, WRONG_SECRET)] for name in _STRUCTURED)
    for kept in (pairs[:2], [*pairs[:2], ("api_secret", "")], pairs[::2], alias, *structured):
        yield with_parameters(_GET, kept)


def _otherwise(number: str, claims: Claims) -> Iterator[Fields]:
    """Lookups of *number* by HTTP Basic, signatures and JSON, as far as *claims* has them, nearly right."""
    if "basic-auth" in claims.claimed:
        # A colon ends the key, so that there is no key with one.
        both = product(("api_key", "api_secret"), _BY_BASIC)
        for name, change in filter(lambda pair: pair != ("api_key", "followed"), both):
            headers = {"Authorization": f"Basic {{{{basic.{name}.{change}}}}}"}
            yield with_parameters({**_GET, "headers": headers}, [("number", number)])
        yield {
            **_with_credentials(number, "{{api_key}}", WRONG_SECRET),
            "headers": {"Authorization": "Basic {{basic}}"},
        }
    if "signature" in claims.claimed:
        for change in _BY_SIGNATURE:
            yield _signed(number, claims, {"hex": change})
        beyond_ascii = [("timestamp", "{{timestamp}}"), ("sig", escaped(WRONG_SECRETS[-1]))]
        yield with_parameters(_GET, [("number", number), ("api_key", "{{api_key}}"), *beyond_ascii])
    if "post-json" in claims.claimed:
        yield from with_other_types(number)


def _signed(number: str, claims: Claims, how: dict[str, str], *others: tuple[str, str]) -> Fields:
    sign = {"method": (*claims.methods, METHODS[0])[0], **how}
    pairs = [("number", number), *others, ("api_key", "{{api_key}}"), *_SIGNED]
    return with_parameters({**_GET, "sign": sign}, pairs)


def oddly_written_lookups(number: str, claims: Claims) -> tuple[Fields, ...]:
    """Lookups of *number* that must be served: with separators in odd places, or signed with an unknown parameter."""
    first, rest = number[:2], number[2:]
    odd = (
        f"(({first}) {rest[:3]}) {rest[3:]}",
        f"({first}{rest}",
        f"{first}) {rest}",
        f"{first}--{rest}",
        f"-{number}",
        f"{number}-",
        f"{number} (",
    )
    extra = (("number2", "1"), ("note", escaped("a&=b"))) if "signature" in claims.claimed else ()
    posted = written_otherwise(number) if "post-json" in claims.claimed else ()
    # Of claims without signatures, no methods are known.
    capital = (_signed(number, claims, {"method": method, "hex": "upper"}) for method in claims.methods[1:])
    signed = (*(_signed(number, claims, {}, pair) for pair in extra), *capital)
    return (*map(plain_lookup, map(escaped, odd)), *posted, *signed)


def lookups_by_other_methods(number: str) -> tuple[Fields, ...]:
    """A lookup of *number* by TRACE, of XML by DELETE, and refusals by HEAD: a wrong secret, no secret, no number."""
    right = plain_lookup(number)
    wrong = _with_credentials(number, "{{api_key}}", WRONG_SECRET)
    parts = right["query"].split("&")
    incomplete = ("&".join(parts[:-1]), "&".join(parts[1:]))
    refused = (wrong, *({**right, "query": query} for query in incomplete))
    deleted = {**right, "method": "DELETE", "path": "/xml"}
    return ({**right, "method": "TRACE"}, deleted, *({**fields, "method": "HEAD"} for fields in refused))


def _with_credentials(number: str, key: str, secret: str) -> Fields:
    pairs = [("number", number), ("api_key", key), ("api_secret", secret)]
    return with_parameters(_GET, pairs)
