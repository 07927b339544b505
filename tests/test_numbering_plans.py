"""Our numbering plans against `phonenumbers`, from whose metadata they are compiled.

2,000 numbers are drawn, 24,000 by `tox -e everything`, and as many as `NI_NUMBERS` says.
"""

from __future__ import annotations

import os
import random
from typing import Any

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType
from thoroughness import draws

from ni_contract.contract.numbering_plans import (
    PlanNumber,
    is_valid_in,
    national_format,
    parse_in_region,
    parse_international,
    possibility,
    region_of,
)

pytestmark = pytest.mark.slow

DRAWN = int(os.environ.get("NI_NUMBERS", draws(2_000, 24_000)))
SEEDS = range(8)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
TYPES = [number for number in PhoneNumberType.values() if number <= PhoneNumberType.VOICEMAIL]
DIGITS = "0123456789"


def library_number(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def library_facts(number: PhoneNumber | None) -> tuple[Any, ...] | None:
    if number is None:
        return None
    return (
        number.country_code,
        phonenumbers.national_significant_number(number),
        phonenumbers.is_possible_number_with_reason(number),
        phonenumbers.region_code_for_number(number),
        phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
    )


def plan_facts(number: PlanNumber | None) -> tuple[Any, ...] | None:
    if number is None:
        return None
    return (*number, possibility(number), region_of(number), national_format(number))


def check(digits: str, region: str) -> None:
    abroad, inland = library_number("+" + digits, None), library_number(digits, region)
    assert plan_facts(parse_international(digits)) == library_facts(abroad), digits
    number = parse_in_region(digits, region)
    assert plan_facts(number) == library_facts(inland), (digits, region)
    if number is not None and inland is not None:
        assert is_valid_in(number, region) == phonenumbers.is_valid_number_for_region(inland, region), (digits, region)


def some_digits(draw: random.Random, least: int, most: int) -> str:
    return "".join(draw.choices(DIGITS, k=draw.randint(least, most)))


def near_example(draw: random.Random, region: str) -> str:
    """An example number of some type with its last digits drawn anew, sometimes cut or made longer."""
    example = phonenumbers.example_number_for_type(region, draw.choice(TYPES)) or phonenumbers.example_number(region)
    assert example is not None
    national = phonenumbers.national_significant_number(example)
    kept = national[: draw.randint(0, len(national))]
    rest = some_digits(draw, 0, 3) if draw.random() < 0.2 else some_digits(draw, *[len(national) - len(kept)] * 2)
    return kept + rest


def drawn(draw: random.Random) -> tuple[str, str]:
    region = draw.choice(REGIONS)
    metadata: Any = PhoneMetadata.metadata_for_region(region)
    code = str(metadata.country_code)
    prefix = draw.choice(["", "", code, code, "00" + code, metadata.national_prefix or "0"])
    digits = draw.choice(
        [
            prefix + near_example(draw, region),
            prefix + near_example(draw, region),
            str(draw.choice(CODES)) + some_digits(draw, 0, 15),
            some_digits(draw, 1, 20),
        ]
    )
    return digits, draw.choice([region, region, draw.choice(REGIONS)])


@pytest.mark.parametrize("seed", SEEDS)
def test_drawn_numbers_agree(seed: int) -> None:
    """For any digits and region, parsing, possibility, region and layout agree with the library."""
    draw = random.Random(seed)  # noqa: S311  no secret is drawn
    for _ in range(DRAWN // len(SEEDS)):
        check(*drawn(draw))


@pytest.mark.parametrize("first", sorted({region[0] for region in REGIONS}))
def test_examples_of_regions_agree(first: str) -> None:
    """The examples of every type, national and international, with and without the national prefix."""
    for region in (one for one in REGIONS if one.startswith(first)):
        check_examples(region)


def check_examples(region: str) -> None:
    metadata: Any = PhoneMetadata.metadata_for_region(region)
    for number_type in TYPES:
        example = phonenumbers.example_number_for_type(region, number_type)
        if example is not None:
            national = phonenumbers.national_significant_number(example)
            for prefix in ("", str(metadata.country_code), metadata.national_prefix or "0"):
                check(prefix + national, region)


@pytest.mark.parametrize("length", range(20))
def test_every_calling_code_agrees(length: int) -> None:
    """Lengths from zero to more than any plan has, calling codes without a country included."""
    for code in CODES:
        check(str(code) + "2345678901234567890"[:length], "GB")
