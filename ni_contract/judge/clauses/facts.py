"""Clauses about the facts of a success: number, prefix, codes and names must fit one number and one country."""

import re
from collections.abc import Callable
from typing import Final

from ni_contract.contract.countries import countries, is_name_of
from ni_contract.contract.disputed_numbers import is_layout_disputed, is_national_form_disputed
from ni_contract.contract.numbering import INTERNATIONAL, Meaning, NumberFacts, Problem, interpret, national_layout
from ni_contract.exchanges.response import NUMBER_KEYS, ParsedResponse
from ni_contract.judge.clauses.registry import Stage, clause
from ni_contract.judge.clauses.result import NOT_APPLICABLE, PASSED, Result, check
from ni_contract.judge.context import EvaluationContext

ALPHA_2, ALPHA_3 = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")


class Stated:
    """The values of a success, each "" where it is no string, which the clause about its format reports.

    *sound* is the international number where it is one and begins with the prefix, else "". *as_asked* are the facts
    of the requested number, where the answer is about that number.
    """

    __slots__ = (
        *("alpha_3", "answered", "as_asked", "country", "international", "name", "national", "prefix", "reading"),
        *("region", "sound"),
    )

    def __init__(self, answered: ParsedResponse, reading: EvaluationContext) -> None:
        values = map(answered.keys.get, NUMBER_KEYS)
        texts = [value if isinstance(value, str) else "" for value in values]
        self.international, self.national, self.country, self.alpha_3, self.name, self.prefix = texts
        self.answered, self.reading = answered, reading
        is_sound = INTERNATIONAL.fullmatch(self.international) and self.international.startswith(self.prefix)
        self.sound = self.international if is_sound else ""
        self.region = countries().get(self.country)
        self.as_asked = self._as_asked(reading.meaning)

    def _as_asked(self, meaning: Meaning) -> NumberFacts | None:
        for facts in (*meaning.readings, meaning.facts):
            if facts is not None and facts.international == self.international:
                return facts
        return None

    @property
    def layout(self) -> str:
        """The NATIONAL layout of the number in the answer, "" where it has none."""
        if self.as_asked is not None:
            return self.as_asked.national
        return national_layout(self.sound) or ""

    def check(self, name: str, holds: bool, expected: str, actual: str) -> Result:
        """PASSED if *holds*, else the finding at the key *name*."""
        return check(holds, self.answered.place(name), expected, actual)


# Releases differ in what stands before these.
_MIN_SAME_DIGITS: Final = 4
FactCheck = Callable[[Stated], Result]
FACTS: Final[Stage[FactCheck]] = Stage()


@clause("NIB-NUM-013", FACTS)
def about_the_number_asked(stated: Stated) -> Result:
    possible = [facts.international for facts in stated.reading.meaning.readings]
    if not stated.sound or not possible or stated.reading.ambiguous:
        return NOT_APPLICABLE
    expected = " or ".join(map(repr, possible))
    return stated.check("international_format_number", stated.sound in possible, expected, stated.sound)


@clause("NIB-NUM-014", FACTS)
def begins_with_prefix(stated: Stated) -> Result:
    if stated.sound and stated.prefix:
        return PASSED
    if not INTERNATIONAL.fullmatch(stated.international) or not stated.prefix.isdigit():
        return NOT_APPLICABLE
    if stated.as_asked is not None:
        expected = f"the first digits of {stated.international}, which was asked for"
        return stated.check("country_prefix", False, expected, stated.prefix)
    expected = f"a number that begins with {stated.prefix}"
    return stated.check("international_format_number", False, expected, stated.international)


@clause("NIB-NUM-015", FACTS)
def prefix_of_country(stated: Stated) -> Result:
    country = stated.region
    if country is None or country.calling_code is None or not stated.prefix or not stated.sound:
        return NOT_APPLICABLE
    expected = f"'{country.calling_code}', for {country.alpha_2}"
    is_right = stated.prefix in (country.calling_code, country.other_calling_code)
    return stated.check("country_prefix", is_right, expected, stated.prefix)


@clause("NIB-NUM-016", FACTS)
def alpha_3_of_country(stated: Stated) -> Result:
    country, alpha_3 = stated.region, stated.alpha_3
    if country is None or not ALPHA_3.fullmatch(alpha_3):
        return NOT_APPLICABLE
    expected = f"'{country.alpha_3}', for {country.alpha_2}"
    return stated.check("country_code_iso3", alpha_3 == country.alpha_3 or not country.official, expected, alpha_3)


@clause("NIB-NUM-017", FACTS)
def name_of_country(stated: Stated) -> Result:
    country, name = stated.region, stated.name
    if country is None or not name.strip():
        return NOT_APPLICABLE
    expected = f"a name of {country.alpha_2}, such as {country.name!r}"
    # Apart from "eSwatini", and articles, names begin with a capital.
    is_name = is_name_of(name, country.alpha_2) and not re.match("(?!the |eSwatini)[a-z]", name)
    is_right = name == name.strip() and (name == country.name or is_name)
    return stated.check("country_name", is_right, expected, name)


@clause("NIB-NUM-018", FACTS)
def country_of_number(stated: Stated) -> Result:
    if not stated.sound or not ALPHA_2.fullmatch(stated.country):
        return NOT_APPLICABLE
    facts = stated.as_asked or interpret(stated.sound, None).facts
    if facts is None:
        return NOT_APPLICABLE
    expected = f"{' or '.join(map(repr, facts.countries))}, for {stated.sound}"
    return stated.check("country_code", stated.country in facts.countries, expected, stated.country)


@clause("NIB-NUM-019", FACTS)
def national_is_same_number(stated: Stated) -> Result:
    if not stated.sound or not stated.national.strip():
        return NOT_APPLICABLE
    if is_national_form_disputed(stated.sound):
        end = stated.sound[-_MIN_SAME_DIGITS:]
        expected = f"a national form that ends in {end}, for {stated.sound}"
        return stated.check("national_format_number", _digits(stated.national).endswith(end), expected, stated.national)
    if stated.reading.meaning.problem is Problem.CHARACTERS and any(c.isalpha() for c in stated.national):
        return NOT_APPLICABLE
    layout = stated.layout
    is_same = stated.national == layout or _digits(stated.national) == _digits(layout)
    return stated.check("national_format_number", is_same, f"{layout!r}, for {stated.sound}", stated.national)


@clause("NIB-NUM-020", FACTS)
def national_layout_of_country(stated: Stated) -> Result:
    country = stated.region
    if stated.sound and not _has_pairs(stated.national):
        return stated.check("national_format_number", False, "parentheses in pairs", stated.national)
    is_settled = country is not None and country.layout_settled and not is_layout_disputed(stated.sound)
    if not stated.sound or not is_settled or not stated.layout:
        return NOT_APPLICABLE
    layout = stated.layout
    is_same = stated.national == layout
    if not is_same and _digits(stated.national) != _digits(layout):
        return NOT_APPLICABLE
    return stated.check("national_format_number", is_same, repr(layout), stated.national)


def _has_pairs(text: str) -> bool:
    """Whether each parenthesis has its other half, as in all layouts of all releases."""
    return re.fullmatch(r"[^()]*(?:\([^()]*\)[^()]*)*", text) is not None


def _digits(text: str) -> str:
    return "".join(c for c in text if "0" <= c <= "9")
