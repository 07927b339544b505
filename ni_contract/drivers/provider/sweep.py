"""Numbers of every region, each sent once a run: each type of number, a short one, and a national form."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from itertools import chain, islice, product, starmap
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from ni_contract.contract.numbering import interpret
from ni_contract.contract.numbering_plans import REGIONS, is_valid_in, parse_international
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.numbers import example_of, plain_lookup

_DIGITS: Final = "1234567890"


@cache
def lookups_of_all_regions() -> tuple[Fields, ...]:
    """Plain lookups of every example of libphonenumber, each number once, and of forms that tables often get wrong."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = dict.fromkeys(chain.from_iterable(map(_numbers, regions)))
    national = starmap(_national, product((PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE), regions))
    return (*map(plain_lookup, numbers), *(fields for fields in national if fields is not None))


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
    if number is None or is_valid_in(number, region):
        return False
    meaning = interpret(digits, None)
    return meaning.certain and meaning.facts is not None and meaning.facts.international == digits


def _national(kind: int, region: str) -> Fields | None:
    """A lookup of a number in national form for *region*, where that form has no second meaning."""
    example = example_of(region, kind)
    if example is None:
        return None
    _, international, digits = example
    meaning = interpret(digits, region)
    if not meaning.certain or meaning.facts is None or meaning.facts.international != international:
        return None
    return plain_lookup(digits, region)
