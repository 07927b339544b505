"""Lookups for a provider that serves only some numbers: these in other forms, and what is nearly one of them."""

from typing import Final

from ni_contract.contract.numbering import digits_of, interpret
from ni_contract.drivers.provider.controls import KEY, SECRET, Fields, by_get, escaped
from ni_contract.drivers.provider.numbers import SPELLINGS, plain_lookup, spelled

MAX_KNOWN: Final = 20  # numbers
_PATHS: Final = ("/json", "/xml")


def lookups_of_known(known: tuple[str, ...]) -> tuple[Fields, ...]:
    """Lookups of *known* numbers, of a provider that serves no others, and of what is nearly one of them."""
    lookups: list[Fields] = []
    for number in known[:MAX_KNOWN]:
        facts = interpret(number, None).facts
        if facts is not None:
            significant = number.removeprefix(facts.prefix)
            own, national = [("country", facts.country)], digits_of(facts.national)
            lookups += (by_get(("number", escaped(f"+{number}")), *own, KEY, SECRET, path=path) for path in _PATHS)
            lookups += (plain_lookup(national), plain_lookup(national, facts.country))
            lookups += (plain_lookup(spelled(number, letters)) for letters in SPELLINGS)
            near = (number[:-2], significant, significant[2:], f"{number[:-1]}{9 - int(number[-1])}", f"{number}1")
            other_codes = (f"{code}{significant}" for code in (1, 44, 49) if str(code) != facts.prefix)
            lookups += map(plain_lookup, (*near, f"99{number}", f"1{number}", *other_codes))
    return tuple(lookups)
