"""Vectors rewritten for the numbers that a provider serves."""

from __future__ import annotations

from ni_contract.contract.numbering import interpret
from ni_contract.drivers.provider.controls import value_of
from ni_contract.drivers.provider.numbers import about_known, plain_lookup
from ni_contract.drivers.provider.vectors import Vector


def known_instead(number: str, country: str, known: str) -> str:
    """The number asked for in place of *number*, where only *known* is served."""
    vector = about_known(Vector("", "", plain_lookup(number, country), {}), [known])
    return value_of(vector.request, "number") or ""


def test_phoneword_spells_known_number() -> None:
    number = known_instead("1415FLOWERS", "US", "441632960960")
    assert number == "441MDAWM0WM0"
    facts = interpret(number, None, letters=True).facts
    assert facts is not None
    assert facts.international == "441632960960"


def test_known_phoneword_stays() -> None:
    assert known_instead("1415FLOWERS", "US", "14153569377") == "1415FLOWERS"


def test_form_of_number_stays() -> None:
    assert known_instead("(020) 7946-0018", "GB", "441632960960") == "(016) 3296-0960"
