"""Clauses about the facts of a success: number, prefix, codes and names have to be of one number and one country."""

from __future__ import annotations

from collections.abc import Callable

from ni_contract.countries import countries, is_name_of
from ni_contract.judge.answered import Answered
from ni_contract.judge.reading import Reading
from ni_contract.judge.registry import Registry, success
from ni_contract.judge.result import HOLDS, SILENT, Finding, Result, check
from ni_contract.numbering import INTERNATIONAL, Meaning, interpret, national_layout

FactCheck = Callable[[Answered, Reading], Result]
clause: Registry[FactCheck] = Registry()


def _text(answered: Answered, name: str) -> str:
    """The value where it is a string; else "", and the clause about its format has spoken already."""
    value = answered.keys.get(name)
    return value if isinstance(value, str) else ""


def _sound_number(answered: Answered) -> str:
    """The international number where it is one and begins with the prefix; else "", for another clause has spoken."""
    international, prefix = _text(answered, "international_format_number"), _text(answered, "country_prefix")
    return international if INTERNATIONAL.fullmatch(international) and international.startswith(prefix) else ""


def _meaning_of(international: str, reading: Reading) -> Meaning:
    """What the numbering plan says of the answered number: as asked, where the answer is about what was asked."""
    facts = reading.meaning.facts
    if facts is not None and facts.international == international:
        return reading.meaning
    return interpret(international, None)


@clause("NIB-NUM-013", success)
def about_the_number_asked(answered: Answered, reading: Reading) -> Result:
    international, meaning = _sound_number(answered), reading.meaning
    if not international or meaning.facts is None or not meaning.certain or reading.ambiguous:
        return SILENT
    expected = meaning.facts.international
    return check(
        international == expected, answered.place("international_format_number"), repr(expected), international
    )


@clause("NIB-NUM-014", success)
def begins_with_prefix(answered: Answered, reading: Reading) -> Result:
    international, prefix = _text(answered, "international_format_number"), _text(answered, "country_prefix")
    if not INTERNATIONAL.fullmatch(international) or not prefix.isdigit():
        return SILENT
    good = international.startswith(prefix)
    return check(
        good, answered.place("international_format_number"), f"a number that begins with {prefix}", international
    )


@clause("NIB-NUM-015", success)
def prefix_of_country(answered: Answered, reading: Reading) -> Result:
    country, prefix = countries().get(_text(answered, "country_code")), _text(answered, "country_prefix")
    if country is None or country.calling_code is None or not prefix or not _sound_number(answered):
        return SILENT
    good = prefix == country.calling_code
    return check(good, answered.place("country_prefix"), f"'{country.calling_code}', for {country.alpha_2}", prefix)


@clause("NIB-NUM-016", success)
def alpha_3_of_country(answered: Answered, reading: Reading) -> Result:
    country, alpha_3 = countries().get(_text(answered, "country_code")), _text(answered, "country_code_iso3")
    if country is None or len(alpha_3) != 3 or not alpha_3.isupper():
        return SILENT
    good = alpha_3 == country.alpha_3 or not country.official
    return check(good, answered.place("country_code_iso3"), f"'{country.alpha_3}', for {country.alpha_2}", alpha_3)


@clause("NIB-NUM-017", success)
def name_of_country(answered: Answered, reading: Reading) -> Result:
    country, name = countries().get(_text(answered, "country_code")), _text(answered, "country_name")
    if country is None or not name.strip():
        return SILENT
    if name == country.name or is_name_of(name, country.alpha_2):
        return HOLDS
    return check(False, answered.place("country_name"), f"a name of {country.alpha_2}, such as {country.name!r}", name)


@clause("NIB-NUM-018", success)
def country_of_number(answered: Answered, reading: Reading) -> Result:
    international, country = _sound_number(answered), _text(answered, "country_code")
    if not international or len(country) != 2 or not country.isupper():
        return SILENT
    facts = _meaning_of(international, reading).facts
    if facts is None:
        return SILENT
    expected = " or ".join(map(repr, facts.countries))
    return check(
        country in facts.countries, answered.place("country_code"), f"{expected}, for {international}", country
    )


@clause("NIB-NUM-019", success)
def national_is_same_number(answered: Answered, reading: Reading) -> Result:
    international, national = _sound_number(answered), _text(answered, "national_format_number")
    if not international or not national.strip():
        return SILENT
    if _digits(national) == _digits(_layout(international, reading)):
        return HOLDS
    expected = f"{_layout(international, reading)!r}, for {international}"
    return Finding(answered.place("national_format_number"), expected, repr(national[:80]))


@clause("NIB-NUM-020", success)
def national_layout_of_country(answered: Answered, reading: Reading) -> Result:
    international, national = _sound_number(answered), _text(answered, "national_format_number")
    layout = _layout(international, reading) if international else ""
    if not layout or _digits(national) != _digits(layout):
        return SILENT
    return check(national == layout, answered.place("national_format_number"), repr(layout), national)


def _layout(international: str, reading: Reading) -> str:
    facts = reading.meaning.facts
    if facts is not None and facts.international == international:
        return facts.national
    return national_layout(international) or ""


def _digits(text: str) -> str:
    return "".join(c for c in text if "0" <= c <= "9")
