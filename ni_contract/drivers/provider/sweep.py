"""Numbers of every region, each sent once a run: each type of number, a short one, and a national form."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from ni_contract.contract.numbering import interpret
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.numbers import example_of, plain_lookup


@cache
def lookups_of_all_regions() -> tuple[Fields, ...]:
    """Plain lookups of every example of libphonenumber, each number once, and of forms that tables often get wrong."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = dict.fromkeys(chain.from_iterable(map(_numbers, regions)))
    national = map(_national, regions)
    return (*map(plain_lookup, numbers), *(fields for fields in national if fields is not None))


def _numbers(region: str) -> Iterator[str]:
    for kind in PhoneNumberType.values():
        if example := example_of(region, kind):
            yield example[1]
    yield from _possible_only(region)


def _possible_only(region: str) -> Iterator[str]:
    """A number that is possible and not valid; a provider must serve it."""
    example = phonenumbers.example_number(region)
    if example is None:
        return
    international = phonenumbers.format_number(example, PhoneNumberFormat.E164)[1:]
    for digit in "0987654321":
        changed = international[:-4] + digit * 4
        meaning = interpret(changed, None)
        if meaning.certain and meaning.facts and not phonenumbers.is_valid_number(phonenumbers.parse("+" + changed)):
            yield changed
            return


def _national(region: str) -> Fields | None:
    """A lookup of a mobile number in national form for *region*, where that form has no second meaning."""
    example = example_of(region, PhoneNumberType.MOBILE)
    if example is None:
        return None
    _, international, digits = example
    meaning = interpret(digits, region)
    if not meaning.certain or meaning.facts is None or meaning.facts.international != international:
        return None
    return plain_lookup(digits, region)
