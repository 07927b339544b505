"""Numbers on which releases of libphonenumber disagree: nothing is demanded there."""

from __future__ import annotations

import pytest

from ni_contract.contract.disputed_numbers import is_layout_disputed, is_national_form_disputed
from ni_contract.contract.numbering import interpret


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("59821123", None),
        ("59821123", "UY"),
        ("22920211234", None),
        ("2290120211234", None),
        ("5215512345678", None),
        ("19425550100", "CA"),
    ],
    ids=[
        "Uruguay",
        "Uruguay, its country",
        "Benin, 8 digits",
        "Benin, 10 digits",
        "Mexico with a 1",
        "a new area code",
    ],
)
def test_disputed_numbers_are_not_certain(number: str, country: str | None) -> None:
    """A number that only some releases serve may be served or refused."""
    assert not interpret(number, country).certain


def test_disputed_country_may_be_either() -> None:
    """Both countries that releases name are right, and the number is served."""
    meaning = interpret("19425550100", None)
    assert meaning.certain
    assert meaning.facts is not None
    assert set(meaning.facts.countries) == {"CA", "US"}


def test_trunk_prefix_of_lithuania_is_disputed() -> None:
    """Lithuania's trunk prefix became 0: neither its digits nor the layout are demanded."""
    assert is_national_form_disputed("37031234567")
    assert is_layout_disputed("37031234567")


@pytest.mark.parametrize("number", ["441632960960", "14155550100", "551123456789", "525512345678"])
def test_other_numbers_stay_certain(number: str) -> None:
    """Where all releases agree, the number has to be served."""
    assert interpret(number, None).certain
    assert not is_layout_disputed(number)


@pytest.mark.parametrize("number", ["8616812345", "5541166698", "61131513", "8469637175"])
def test_national_only_layouts_are_disputed(number: str) -> None:
    """libphonenumber-js has no layout for numbers that are dialled within their country alone."""
    assert is_national_form_disputed(number)
    assert is_layout_disputed(number)
