"""The meaning of numbers and countries."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ni_contract.contract.countries import countries, is_name_of
from ni_contract.contract.numbering import MAX_E164_DIGITS, Problem, interpret, national_layout
from ni_contract.drivers.provider.strategies import example_numbers


@pytest.mark.parametrize(
    ("number", "country", "international", "national", "alpha_2"),
    [
        ("441632960960", None, "441632960960", "01632 960960", "GB"),
        ("+44 (1632) 960-960", None, "441632960960", "01632 960960", "GB"),
        (" 441632960960", None, "441632960960", "01632 960960", "GB"),
        ("01632960960", "GB", "441632960960", "01632 960960", "GB"),
        ("441632960960", "GB", "441632960960", "01632 960960", "GB"),
        ("14155550100", None, "14155550100", "(415) 555-0100", "US"),
        ("4155550100", "US", "14155550100", "(415) 555-0100", "US"),
        ("14165550123", None, "14165550123", "(416) 555-0123", "CA"),
        ("441534440000", None, "441534440000", "01534 440000", "JE"),
        ("77172250000", None, "77172250000", "8 (7172) 25 00 00", "KZ"),
        ("390612345678", None, "390612345678", "06 1234 5678", "IT"),
    ],
)
def test_a_possible_number_has_facts(
    number: str, country: str | None, international: str, national: str, alpha_2: str
) -> None:
    meaning = interpret(number, country)
    assert meaning.problem is None
    assert meaning.certain
    assert meaning.facts is not None
    assert (meaning.facts.international, meaning.facts.national) == (international, national)
    assert meaning.facts.country == alpha_2


@pytest.mark.parametrize(
    ("number", "country", "problem", "certain"),
    [
        (None, None, Problem.MISSING, True),
        ("", None, Problem.MISSING, False),
        ("  ", "GB", Problem.MISSING, False),
        ("123", None, Problem.IMPOSSIBLE, True),
        ("abc", None, Problem.IMPOSSIBLE, True),
        ("9" * 18, None, Problem.IMPOSSIBLE, True),
        ("9" * 100, None, Problem.IMPOSSIBLE, True),
        ("9" * 1000, None, Problem.IMPOSSIBLE, False),
        ("4420794600181", None, Problem.IMPOSSIBLE, True),
        ("44.1632.960960", None, Problem.CHARACTERS, False),
        ("1415FLOWERS", None, Problem.CHARACTERS, False),
        ("٤٤١٦٣٢٩٦٠٩٦٠", None, Problem.CHARACTERS, False),
        ("01632960960", None, Problem.NATIONAL, True),
        ("00441632960960", None, Problem.NATIONAL, False),
        ("441632960960", "US", Problem.MISMATCH, True),
        ("+14155550100", "GB", Problem.MISMATCH, True),
        ("441632960960", "AQ", Problem.MISMATCH, False),
        ("441632960960", "ZZ", Problem.COUNTRY, True),
        ("441632960960", "GBR", Problem.COUNTRY, True),
        ("441632960960", "gb", Problem.COUNTRY, False),
        ("80012345678", None, Problem.NO_COUNTRY, False),
        ("+01632960960", "GB", Problem.IMPOSSIBLE, False),
        ("+01632960960", "ZZ", Problem.COUNTRY, True),
        ("+01632960960", None, Problem.NATIONAL, True),
    ],
)
def test_any_other_number_has_a_problem(
    number: str | None, country: str | None, problem: Problem, certain: bool
) -> None:
    meaning = interpret(number, country)
    assert (meaning.problem, meaning.certain) == (problem, certain)
    assert meaning.facts is None


def test_letters_count_only_where_allowed() -> None:
    meaning = interpret("1415FLOWERS", None, True)
    assert meaning.facts is not None
    assert meaning.facts.international == "14153569377"
    assert interpret("FLOWERS", None, True).facts is None


def test_two_readings_are_uncertain() -> None:
    """Where two readings are possible the meaning is not certain."""
    meaning = interpret("4930123456", "US")
    assert meaning.facts is not None
    assert not meaning.certain


def test_shared_code_belongs_to_main_region() -> None:
    """A possible number without region belongs to the main one, or to the one asked for."""
    meaning = interpret("01632960960", "JE")
    assert meaning.facts is not None
    assert meaning.facts.countries == ("GB", "JE")


@pytest.mark.parametrize(("number", "countries_allowed"), [("24762889", ("AC", "SH")), ("2908999", ("TA", "SH"))])
def test_part_without_code_counts_as_country(number: str, countries_allowed: tuple[str, ...]) -> None:
    """ISO 3166-1 assigns no code to Ascension and Tristan da Cunha: SH is as right."""
    meaning = interpret(number, None)
    assert meaning.facts is not None
    assert meaning.facts.countries == countries_allowed
    prefixes = (countries()["SH"].calling_code, countries()["SH"].other_calling_code)
    assert meaning.facts.prefix in prefixes


def test_every_example_of_libphonenumber_is_understood() -> None:
    for region, international, _national in example_numbers():
        meaning = interpret(international, None)
        assert meaning.facts is not None, (region, international)
        assert meaning.facts.international == international
        assert national_layout(international) == meaning.facts.national


@given(st.text(max_size=80), st.one_of(st.none(), st.text(max_size=3)))
def test_any_text_has_a_meaning(number: str, country: str | None) -> None:
    meaning = interpret(number, country)
    assert (meaning.facts is None) != (meaning.problem is None)
    if meaning.facts is not None:
        assert 5 <= len(meaning.facts.international) <= MAX_E164_DIGITS


def test_libphonenumber_regions_are_countries() -> None:
    assert set(phonenumbers.SUPPORTED_REGIONS) <= set(countries())
    for alpha_2, country in countries().items():
        if country.calling_code is not None:
            assert str(phonenumbers.country_code_for_region(alpha_2)) == country.calling_code


@pytest.mark.parametrize(
    ("name", "alpha_2", "expected"),
    [
        ("United Kingdom", "GB", True),
        ("United Kingdom of Great Britain and Northern Ireland", "GB", True),
        ("United States", "US", True),
        ("Cote d'Ivoire", "CI", True),
        ("Côte d\u2019Ivoire", "CI", True),
        ("Trinidad & Tobago", "TT", True),
        ("Trinidad and Tobago", "TT", True),
        ("St. Lucia", "LC", True),
        ("Saint Lucia", "LC", True),
        ("The Bahamas", "BS", True),
        ("GERMANY", "DE", True),
        ("Deutschland", "DE", False),
        ("Germany", "FR", False),
        ("DE", "DE", False),
        ("Germany", "ZZ", False),
    ],
)
def test_country_names_are_recognised(name: str, alpha_2: str, expected: bool) -> None:
    assert is_name_of(name, alpha_2) is expected


@pytest.mark.parametrize(("number", "country"), [("0690001234", "BL"), ("8002123456", "SX"), ("01534440000", "GB")])
def test_shared_code_is_open(number: str, country: str) -> None:
    """A country that shares the calling code leaves the answer open."""
    assert not interpret(number, country).certain


def test_valid_country_may_be_answered() -> None:
    """The country asked for may be answered where the number is valid in it."""
    meaning = interpret("0690001234", "BL")
    assert meaning.facts is not None
    assert set(meaning.facts.countries) == {"GP", "BL"}


@pytest.mark.parametrize("number", ["381601234567x5", "381601234567 ext. 5", "381601234567;ext=5"])
def test_an_extension_is_no_phoneword(number: str) -> None:
    assert interpret(number, None, True).problem is Problem.CHARACTERS


def test_names_of_libphonenumber_are_accepted() -> None:
    """Its English names, as its geocoder gives them for an example number of each region."""
    from phonenumbers import geocoder  # takes half a second

    numbers = {region: phonenumbers.example_number(region) for region in countries()}
    names = {
        region: geocoder.country_name_for_number(number, "en")
        for region, number in numbers.items()
        if number is not None
    }
    assert [region for region, name in names.items() if name and not is_name_of(name, region)] == []


def test_control_characters_alone_are_blank() -> None:
    """A number that is blank for some programs may count as missing or as no number."""
    for blank in ("\x01", " \t", "\0\u3000"):
        assert interpret(blank, None) == (None, Problem.MISSING, False, ())
    assert interpret("\x01a", None).problem is Problem.IMPOSSIBLE


def test_trunk_prefix_behind_calling_code_is_open() -> None:
    """The reference does not say that it is taken away, but a number that is served has to be that one."""
    meaning = interpret("+44 (0)20 7946 0018", None)
    assert not meaning.certain
    assert [facts.international for facts in meaning.readings] == ["442079460018"]
    assert interpret("+44 20 7946 0018", None).certain


def test_plus_before_national_number_may_be_ignored() -> None:
    """Who serves a national number with a plus before it has to answer about that number."""
    assert interpret("+01632960960", "GB").readings == interpret("01632960960", "GB").readings != ()
