"""Lookups for a provider that serves only some numbers: these in other forms, and what is nearly one of them."""

from collections.abc import Iterator
from typing import Final

from ni_contract.contract.numbering import NumberFacts, digits_of, interpret
from ni_contract.drivers.provider.controls import KEY, SECRET, Fields, by_get, escaped
from ni_contract.drivers.provider.numbers import SPELLINGS, plain_lookup, spelled

MAX_KNOWN: Final = 20  # numbers
_PATHS: Final = ("/json", "/xml")
_OTHER_CODES: Final = ("1", "44", "49")


def lookups_of_known(known: tuple[str, ...]) -> tuple[Fields, ...]:
    """Lookups of *known* numbers, of a provider that serves no others, and of what is nearly one of them."""
    lookups: list[Fields] = []
    for number in known[:MAX_KNOWN]:
        facts = interpret(number, None).facts
        if facts is not None:
            lookups += _in_other_forms(number, facts)
            lookups += map(plain_lookup, _nearly(number, facts.prefix))
            # Whatever stands before the digits of a national number, it is another number.
            lookups.append(plain_lookup(f"99{number.removeprefix(facts.prefix)}", facts.country))
    return tuple(lookups)


def _in_other_forms(number: str, facts: NumberFacts) -> Iterator[Fields]:
    """*number* with its country, in national form with and without that, and in letters."""
    for path in _PATHS:
        yield by_get(("number", escaped(f"+{number}")), ("country", facts.country), KEY, SECRET, path=path)
    national = digits_of(facts.national)
    yield plain_lookup(national)
    yield plain_lookup(national, facts.country)
    for letters in SPELLINGS:
        yield plain_lookup(spelled(number, letters))


def _nearly(number: str, calling_code: str) -> Iterator[str]:
    """*number* cut, longer, with another last digit, and behind other calling codes."""
    significant = number.removeprefix(calling_code)
    yield number[:-2]
    yield significant
    yield significant[2:]
    yield f"{number[:-1]}{9 - int(number[-1])}"
    yield f"{number}1"
    yield f"99{number}"
    yield f"1{number}"
    for code in _OTHER_CODES:
        if code != calling_code:
            yield f"{code}{significant}"
