"""Numbers that a provider serves, declared or found by requests, and vectors rewritten for them."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat

from ni_contract.contract.numbering import NumberFacts, digits_of, interpret
from ni_contract.drivers.provider.controls import (
    KEY,
    SECRET,
    Fields,
    by_get,
    escaped,
    meaning_of,
    parameters_of,
    value_of,
    with_parameters,
    with_value,
)
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.errors import UsageError, option
from ni_contract.files import read_text

MAX_FILE_BYTES: Final = 1_000_000
MAX_NUMBERS: Final = 1_000
REFERENCE: Final = "441632960960"
# Valid numbers of four countries: a provider that serves most of them supports numbering plans.
SAMPLE: Final = ("442079460018", "14155550100", "351210000000", "49301234567")
# Numbers that are common in tests and documents: a provider with canned answers most likely serves one of these.
COMMON: Final = (
    *("447700900000", "447700900001", "447700900123", "447911123456", "447400123456", "447700900100"),
    *("14155550101", "14155552671", "12025550123", "12015550123", "15555550100", "33612345678", "4915112345678"),
    *("491701234567", "34612345678", "351912345678", "48221234567", "5511961234567", "61412345678", "919876543210"),
)
_TOKEN: Final = re.compile(r"%[0-9A-Fa-f]{2}|.")
# Letters for the digits 2 to 9, as on the keys of a telephone; together every letter, large and small.
SPELLINGS: Final = ("ADGJMPTW", "BEHKNQUX", "CFILORVY", "CFILOSVZ", "adgjmptw", "behknqux", "cfilorvy", "cfilosvz")
_DIGIT: Final = re.compile(r"%3[0-9]|[0-9]")


def read_numbers(text: str | None) -> tuple[str, ...]:
    """The international numbers, digits alone, in *text*: a list with commas, or a file with one a line; () for none.

    A national number is followed by its country, as in `07700900000:GB`. Raises UsageError.
    """
    if text is None:
        return ()
    try:
        is_file = Path(text).is_file()
    except (OSError, ValueError):
        is_file = False
    words = _lines(text) if is_file else text.split(",")
    numbers = tuple(dict.fromkeys(_international(word.strip()) for word in words if word.strip()))
    if not numbers or len(numbers) > MAX_NUMBERS:
        raise UsageError(f"{option('numbers')}: give 1 to {MAX_NUMBERS} numbers, such as 447700900000,07700900001:GB")
    return numbers


def _lines(file: str) -> list[str]:
    lines = read_text(file, f"{option('numbers')} {file}", MAX_FILE_BYTES).splitlines()
    return [line.partition("#")[0] for line in lines]


def _international(word: str) -> str:
    number, _, country = word.partition(":")
    facts = interpret(number, country.strip() or None).facts
    if facts is None:
        raise UsageError(
            f"{option('numbers')}: {word[:60]!r} is no phone number; write it in international form, or 07700900000:GB"
        )
    return facts.international


def plain_lookup(number: str, country: str | None = None) -> Fields:
    """A GET of JSON for *number* with the right credentials, as the fields of a vector."""
    asked = [("number", number), *([("country", country)] if country else [])]
    return by_get(*asked, KEY, SECRET)


def example_of(region: str, kind: int) -> tuple[str, str, str] | None:
    """(region, international digits, national digits) of libphonenumber's example, None where it has none."""
    number = phonenumbers.example_number_for_type(region, kind)
    if number is None:
        return None
    written = (
        phonenumbers.format_number(number, form) for form in (PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL)
    )
    international, national = map(digits_of, written)
    return region, international, national


def with_another_number(fields: Fields, changed: int) -> Fields:
    """*fields* about a number of the same form, with other digits among the last *changed* characters."""
    number = value_of(fields, "number") or ""
    end = "".join(str(9 - int(c)) if c in "0123456789" else c for c in number[-changed:])
    other = number[:-changed] + end
    return with_value(fields, "number", escaped(other))


def number_of(fields: Fields) -> str | None:
    """The international number that the request asks for, None where it is to be refused."""
    facts = meaning_of(fields).facts
    if facts is None:
        return None
    return facts.international


def about_known(vector: Vector, known: Iterable[str]) -> Vector:
    """*vector*, about one of the *known* numbers where its own is none of them; a phoneword spells it."""
    facts = [found for number in known if (found := interpret(number, None).facts) is not None]
    asked = number_of(vector.request) or _spelled(vector.request)
    if asked is None or not facts or any(one.international == asked for one in facts):
        return vector
    american = [one for one in facts if one.country == "US"]
    chosen = american[0] if american and value_of(vector.request, "cnam") else facts[0]
    # Of the expected answer, only the status holds for another number.
    statuses = {edition: {"status": expected.get("status", ())} for edition, expected in vector.answer.items()}
    return replace(vector, request=_exchanged(vector.request, asked, chosen), answer=statuses)


def _spelled(fields: Fields) -> str | None:
    """The international number that is written in letters, if any."""
    facts = interpret(value_of(fields, "number"), value_of(fields, "country"), letters=True).facts
    return facts and facts.international


def spelled(number: str, letters: str = SPELLINGS[0]) -> str:
    """*number* with *letters* for its digits but the first three, as on the keys of a telephone."""
    return number[:3] + number[3:].translate(str.maketrans("23456789", letters))


def _exchanged(fields: Fields, asked: str, known: NumberFacts) -> Fields:
    number = value_of(fields, "number") or ""
    if any(map(str.isalpha, number)):
        others = [pair for pair in parameters_of(fields) if pair[0] not in ("number", "country")]
        return with_parameters(fields, [("number", spelled(known.international)), *others])
    wanted = digits_of(known.national)
    if digits_of(number) == asked:
        wanted = known.international
    return with_parameters(
        fields,
        [
            (name, _with_digits(value, wanted) if name == "number" else _country(name, value, known))
            for name, value in parameters_of(fields)
        ],
    )


def _country(name: str, value: str, known: NumberFacts) -> str:
    if name == "country" and value == "GB":
        return known.country
    return value


def _with_digits(value: str, digits: str) -> str:
    """*value* with other digits, escaped as before."""
    left, written = list(digits), []
    for token in _TOKEN.findall(value):
        if not _DIGIT.fullmatch(token):
            written.append(token)
        elif left:
            written.append(f"%3{left.pop(0)}" if len(token) > 1 else left.pop(0))
    return "".join(written + left)
