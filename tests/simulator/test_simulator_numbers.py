"""The answers to numbers and countries in each edition, for all regions."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
import pytest
from reference_answer import SUCCESS
from simulator.conftest import Asker

from ni_contract.contract.countries import countries

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
LETTERS = sorted({region[0] for region in REGIONS})


def test_reference_example_gets_reference_answer(documented: Asker) -> None:
    answer = documented.number("441632960960").json
    assert answer == {**SUCCESS, "request_id": answer["request_id"]}


@pytest.mark.parametrize("first", LETTERS)
def test_examples_of_all_regions_succeed(documented: Asker, first: str) -> None:
    """The example number of every region is known."""
    for region in (one for one in REGIONS if one.startswith(first)):
        check_example(documented, region)


def check_example(documented: Asker, region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    answer = documented.number(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)).json
    assert answer["country_code"] == phonenumbers.region_code_for_number(example), region
    assert answer["country_code_iso3"] == countries()[answer["country_code"]].alpha_3
    assert answer["country_prefix"] == str(example.country_code)
    assert answer["national_format_number"] == phonenumbers.format_number(
        example, phonenumbers.PhoneNumberFormat.NATIONAL
    )


def test_layouts_need_no_escaping() -> None:
    """No layout of a national number has a character that JSON or XML escapes: answers take it as it is."""
    for region in REGIONS:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        assert metadata is not None
        for layout in metadata.number_format:
            around = f"{layout.format}{layout.national_prefix_formatting_rule or ''}"
            assert re.fullmatch(r"[$\\0-9 ()/*#.-]+", around), (region, around)


@pytest.mark.parametrize("first", LETTERS)
def test_national_number_with_country_succeeds(documented: Asker, first: str) -> None:
    """A national number with its country is the international one."""
    for region in (one for one in REGIONS if one.startswith(first)):
        check_national(documented, region)


def check_national(documented: Asker, region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    # New Caledonia writes full stops, which the reference does not list.
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL).replace(".", " ")
    international = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    assert documented.number(national, country=region).json["international_format_number"] == international, region


@pytest.mark.parametrize(
    ("params", "documented_status"),
    [
        ({}, 3),
        ({"number": ""}, 3),
        ({"number": "  "}, 3),
        ({"number": "12"}, 5),
        ({"number": "9" * 60_000}, 5),
        ({"number": "abc"}, 5),
        ({"number": "1-800-FLOWERS"}, 5),
        ({"number": "441632960960\0"}, 5),
        ({"number": "01632 960960"}, 5),
        ({"number": "80012345678"}, 5),
        ({"number": "44163296096044"}, 5),
        ({"number": "441632960960", "country": "US"}, 3),
        ({"number": "441632960960", "country": "UK"}, 3),
        ({"number": "441632960960", "country": "gb"}, 3),
        ({"number": "441632960960", "country": "x" * 6_000}, 3),
        ({"number": "441632960960", "country": ""}, 0),
        ({"number": "01632 960960", "country": "GB"}, 0),
    ],
)
def test_each_number_has_its_status(documented: Asker, observed: Asker, params: Any, documented_status: Any) -> None:
    assert documented.get(**params).status == documented_status
    if params.get("number") != "1-800-FLOWERS":
        assert observed.get(**params).status == (3 if documented_status else 0)


def test_observed_edition_reads_letters(observed: Asker) -> None:
    """Letters are numbers in the observed edition."""
    assert observed.number("1-800-FLOWERS").json["international_format_number"] == "18003569377"


def test_observed_text_repeats_number_unchanged(observed: Asker) -> None:
    """The observed text repeats the number as it was sent."""
    expected = "Invalid request :: Not valid number format detected [ +12 (3) ]"
    assert observed.number("+12 (3)").json == {"status": 3, "status_message": expected}


def test_separators_do_not_matter(documented: Asker) -> None:
    """Numbers with separators are the same number."""
    answers = [documented.number(n).json for n in ("441632960960", "+44 (1632) 960-960", " 44\t1632\n960960")]
    assert len({answer["international_format_number"] for answer in answers}) == 1
