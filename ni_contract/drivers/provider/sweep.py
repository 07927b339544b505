"""Lookups of numbers of every region, which are sent once a run."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache, partial
from itertools import chain, islice, product
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from ni_contract.contract.countries import countries
from ni_contract.contract.numbering import MAX_E164_DIGITS, Problem, interpret
from ni_contract.contract.numbering_plans import REGIONS, is_valid_in, parse_international, region_of
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.numbers import example_of, plain_lookup

_DIGITS: Final = "1234567890"
# Shared calling codes with many short prefixes of smaller countries: so many digits between these tell the country.
_SHARED: Final = ((1, "", 3, "2345678"), (44, "7", 3, "123456"), (7, "", 2, "12345678"), (262, "", 3, "123456"))
_EVEN: Final = 262  # Mayotte has as many prefixes as Reunion
_NATIONAL_KINDS: Final = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
# Every letter on the keys of a telephone.
_PHONEWORDS: Final = (
    "1415ABCDEFG",
    "1415HIJKLMN",
    "1415OPQRSTU",
    "1415VWXYZAB",
    "1415abcdefg",
    "1415hijklmn",
    "1415opqrstu",
)


@cache
def lookups_of_all_regions() -> tuple[Fields, ...]:
    """Lookups of every example of libphonenumber, each number once, and of forms that tables often get wrong."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = [number for region in regions for number in _numbers(region)]
    known = {(number[:digits], len(number)) for number in numbers for digits in (1, 2, 3)}
    for code in REGIONS:
        numbers += _of_other_lengths(code, known)
    numbers += _of_shared_codes()
    return (
        *map(plain_lookup, dict.fromkeys(numbers)),
        *map(plain_lookup, _PHONEWORDS),
        *_with_countries(regions),
    )


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


def _with_countries(regions: list[str]) -> Iterator[Fields]:
    """Numbers of each region with its country, in national form too, and with that of the next region, not its own."""
    others, alike = _next_of(regions), _next_of([regions[0] for _, regions in sorted(REGIONS.items())])
    for kind, region in product(_NATIONAL_KINDS, regions):
        example = example_of(region, kind)
        if example is None:
            continue
        _, international, national = example
        if _is_national_form(national, region, international):
            # Fixed lines are asked for in XML, which may have its own table of country names.
            path = "/xml" if kind == PhoneNumberType.FIXED_LINE else "/json"
            yield {**plain_lookup(national, region), "path": path}
        if kind == PhoneNumberType.FIXED_LINE:
            yield from _confirmed(international, region)
            yield from _with_another(international, others[region])
            # A calling code that begins in the same way.
            yield from _with_another(international, alike.get(region, region))


def _is_national_form(national: str, region: str, international: str) -> bool:
    """Whether the digits *national* are those of *international* in *region*, and have no second meaning there."""
    meaning = interpret(national, region)
    return meaning.certain and meaning.facts is not None and meaning.facts.international == international


def _next_of(regions: list[str]) -> dict[str, str]:
    """The region behind each of *regions*; the first, behind the last."""
    return dict(zip(regions, (*regions[1:], *regions[:1]), strict=True))


def _confirmed(number: str, region: str) -> Iterator[Fields]:
    is_plain_certain = interpret(number, region).certain
    if is_plain_certain:
        yield plain_lookup(number, region)
    # Countries that share a calling code are told apart by other code.
    is_shared = len(REGIONS[int(countries()[region].calling_code or 0)]) > 1
    if (is_shared or not is_plain_certain) and interpret(f"+{number}", region).certain:
        yield plain_lookup(f"%2B{number}", region)


def _with_another(number: str, other: str) -> Iterator[Fields]:
    """A lookup of *number* with the country *other*, unless the reference leaves it open whether they match."""
    meaning = interpret(f"+{number}", other)
    if meaning.certain and meaning.problem is Problem.MISMATCH:
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
