"""The meaning of `number` and `country`; all use of E.164 and numbering plans is here.

The number work is libphonenumber's, by its Python port. A number counts when it is *possible*: the reference's own
example is possible and not valid. Results are cached, since this work takes longer than all the rest of a judgement.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from phonenumbers import ValidationResult, convert_alpha_characters_in_number

from ni_contract.contract import numbering_plans as plans
from ni_contract.contract.countries import countries
from ni_contract.contract.disputed_numbers import countries_by_release, is_length_disputed

# Maximum length of a text that is interpreted and cached; separators can make a number longer than its digits.
MAX_TEXT_LENGTH: Final = 256
MAX_NUMBER_LENGTH: Final = 64
MAX_E164_DIGITS: Final = 15
INTERNATIONAL: Final = re.compile(r"[1-9][0-9]{4,14}")

_SEPARATORS = re.compile(r"[\s\-+()]+")
# Other white space is rare, so requests with it are not taken for the same.
_USUAL_SEPARATORS: Final = str.maketrans("", "", " -+()\t")
# What programs take away at the ends of a text: white space, and in Java and PHP control characters.
_TRIMMED: Final = "".join(c for c in map(chr, range(0x3001)) if c < " " or c.isspace())
_DIGITS = re.compile(r"[0-9]+")
_PHONEWORD = re.compile(r"[0-9]{3}[0-9A-Za-z]*")
# libphonenumber reads these as an extension; they are not documented as keypad letters.
_EXTENSION = re.compile(r"[0-9](?:;?ext=?\.?|x)[0-9]{1,7}$", re.IGNORECASE)
_ALPHA_2 = re.compile(r"[A-Z]{2}")
_NO_REGION = "001"
# Regions to which ISO 3166-1 assigns no code, with the country of which it takes them for a part.
_DISPUTED = {"AC": ("AC", "SH"), "TA": ("TA", "SH")}


class Problem(Enum):
    """The reason why a number has no facts."""

    MISSING = "no number"
    CHARACTERS = "characters that the reference does not list"
    IMPOSSIBLE = "no phone number can look like this"
    NATIONAL = "a national number without a country"
    COUNTRY = "the country is not an ISO 3166-1 alpha-2 code"
    MISMATCH = "the country does not match the number"
    NO_COUNTRY = "the calling code belongs to no country"


class NumberFacts(NamedTuple):
    """One reading of a number: digits without plus, national form, country (alpha-2), calling code.

    *countries* are all that may be answered: more than one only where the plan allows several.
    """

    international: str
    national: str
    country: str
    prefix: str
    countries: tuple[str, ...]


class Meaning(NamedTuple):
    """The meaning of a request's number: facts or a problem; *certain* is False where the reference leaves it open.

    *readings* are all that an answer may be about; none where that is open too.
    """

    facts: NumberFacts | None
    problem: Problem | None
    certain: bool
    readings: tuple[NumberFacts, ...] = ()


def interpret(number: str | None, country: str | None, letters: bool = False) -> Meaning:
    """The meaning of the parameters `number` and `country` as decoded; *letters*: phonewords are numbers too."""
    if len(number or "") > MAX_TEXT_LENGTH:
        return Meaning(None, Problem.IMPOSSIBLE, certain=False)
    if len(country or "") > MAX_TEXT_LENGTH:
        return Meaning(None, Problem.COUNTRY, certain=False)
    return _interpret(number, country, letters)


def without_separators(number: str) -> str:
    """*number* without the usual separators between its digits."""
    return number.translate(_USUAL_SEPARATORS)


def digits_of(text: str) -> str:
    """The digits in *text*, whatever stands between them."""
    return "".join(c for c in text if c.isdigit())


@lru_cache(maxsize=20_000)
def _interpret(number: str | None, country: str | None, letters: bool) -> Meaning:
    if number is None or not number.strip(_TRIMMED):
        return Meaning(None, Problem.MISSING, number is None)
    digits = _SEPARATORS.sub("", number)
    if len(digits) > MAX_NUMBER_LENGTH:
        return Meaning(None, Problem.IMPOSSIBLE, certain=digits.isascii() and digits.isdigit())
    if not _DIGITS.fullmatch(digits):
        if _EXTENSION.search(digits):
            return Meaning(None, Problem.CHARACTERS, certain=False)
        if not letters or not _PHONEWORD.fullmatch(digits):
            return _not_digits(digits)
        digits = convert_alpha_characters_in_number(digits)
    if not country:
        return _international(digits)
    is_explicit = number.lstrip(" (").startswith("+")
    meaning = _with_country(digits, country, explicit=is_explicit)
    # No calling code begins with 0: a server may refuse the plus before a national number, or ignore it.
    if is_explicit and digits.startswith("0") and meaning.problem is Problem.IMPOSSIBLE:
        return meaning._replace(certain=False, readings=_with_country(digits, country, explicit=False).readings)
    # A plus that was not URL-encoded arrives as a space; a server may take such a space for the plus.
    if number[0] == " " and meaning != _with_country(digits, country, explicit=True):
        return meaning._replace(certain=False)
    return meaning


def _not_digits(text: str) -> Meaning:
    if any(c.isdecimal() for c in text):
        return Meaning(None, Problem.CHARACTERS, certain=False)
    return Meaning(None, Problem.IMPOSSIBLE, certain=True)


def _international(digits: str) -> Meaning:
    if digits.startswith("0"):
        return Meaning(None, Problem.NATIONAL, certain=not digits.startswith("00"))
    meaning = _meaning(plans.parse_international(digits), None)
    # The reference does not say that a trunk prefix behind the calling code, as in +44 (0)20, is taken away.
    if meaning.facts is not None and meaning.facts.international != digits:
        return meaning._replace(certain=False)
    return meaning


def _with_country(digits: str, country: str, explicit: bool) -> Meaning:
    if not _ALPHA_2.fullmatch(country) or country not in countries():
        return _unknown_country(digits, country, explicit)
    calling_code = countries()[country].calling_code
    if calling_code is None:
        return Meaning(None, Problem.MISMATCH, certain=False)
    national = None if explicit else plans.parse_in_region(digits, country)
    abroad = plans.parse_international(digits)
    return _choose(national, abroad, country, calling_code)


def _unknown_country(digits: str, country: str, explicit: bool) -> Meaning:
    """The problem of an unknown country; open in small letters, which the reference neither allows nor refuses."""
    upper = country.upper()
    if country == upper or not _ALPHA_2.fullmatch(upper):
        return Meaning(None, Problem.COUNTRY, certain=True)
    readings = _with_country(digits, upper, explicit).readings if upper in countries() else ()
    return Meaning(None, Problem.COUNTRY, certain=False, readings=readings)


def _choose(
    national: plans.PlanNumber | None, abroad: plans.PlanNumber | None, country: str, calling_code: str
) -> Meaning:
    """The reading that counts: a country allows two of the same digits, and only a single possible one is certain."""
    national_reading, abroad_reading = _meaning(national, country), _meaning(abroad, country)
    matches = abroad is not None and str(abroad.calling_code) == calling_code
    if national_reading.facts is None:
        if abroad_reading.facts is None or matches:
            if abroad is not None:
                return abroad_reading
            return national_reading
        return Meaning(None, Problem.MISMATCH, _meaning(abroad, None).certain)
    if abroad_reading.facts is None or abroad == national:
        return national_reading
    return Meaning(national_reading.facts, None, certain=False, readings=(national_reading.facts, abroad_reading.facts))


def _meaning(number: plans.PlanNumber | None, asked: str | None) -> Meaning:
    if number is None:
        return Meaning(None, Problem.IMPOSSIBLE, certain=True)
    reason, is_settled = plans.possibility(number), not is_length_disputed(number)
    if reason not in (ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return Meaning(None, Problem.IMPOSSIBLE, is_settled and reason != ValidationResult.INVALID_LENGTH)
    return _facts(number, asked, certain=is_settled and reason == ValidationResult.IS_POSSIBLE)


def _facts(number: plans.PlanNumber, asked: str | None, certain: bool) -> Meaning:
    international = f"{number.calling_code}{number.national}"
    if not INTERNATIONAL.fullmatch(international):
        return Meaning(None, Problem.IMPOSSIBLE, certain=len(international) > MAX_E164_DIGITS)
    found = _countries_of(number, asked)
    if _NO_REGION in found:
        return Meaning(None, Problem.NO_COUNTRY, certain=False)
    official = countries()[found[0]].official
    # The reference does not say whether a country "matches" a number of another one with the same calling code.
    disputed = countries_by_release(international)
    settled = certain and official and (asked is None or (asked == found[0] and not disputed))
    allowed = tuple(dict.fromkeys(found + disputed))
    facts = NumberFacts(international, plans.national_format(number), found[0], str(number.calling_code), allowed)
    return Meaning(facts, None, settled, (facts,) if certain else ())


def _countries_of(number: plans.PlanNumber, asked: str | None) -> tuple[str, ...]:
    """The region of a valid number; else the main one of its calling code, or the requested one if it has that code.

    A number that is not valid may still begin as those of one region do; programs differ on whether that counts.
    """
    region, sharing = plans.region_of(number), plans.REGIONS[number.calling_code]
    main = sharing[:1]
    if asked in sharing and asked != sharing[0]:
        main = (*main, asked)
    if region is None:
        return main
    if len(sharing) > 1 and not plans.is_valid_in(number, region):
        return tuple(dict.fromkeys((region, *_DISPUTED.get(region, ()), *main)))
    if asked and asked != region and plans.is_valid_in(number, asked):
        return (region, asked)
    return _DISPUTED.get(region, (region,))


@lru_cache(maxsize=20_000)
def national_layout(international: str) -> str | None:
    """The NATIONAL layout of the number *international* (digits without plus), or None if it is no number."""
    number = plans.parse_international(international)
    if number is None:
        return None
    return plans.national_format(number)
