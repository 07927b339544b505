"""Lookups made for a provider: of the numbers that it serves, and with a signature that begins with 0."""

from __future__ import annotations

import pytest

from ni_contract.contract.numbering import interpret
from ni_contract.contract.signature import METHODS
from ni_contract.drivers.provider.controls import KEY, by_get, value_of
from ni_contract.drivers.provider.known import lookups_of_known
from ni_contract.drivers.provider.numbers import about_known, plain_lookup
from ni_contract.drivers.provider.vectors import Vector, build_request
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import parse_request


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


def test_ends_of_known_number_are_asked() -> None:
    """The number is asked for with its country, in both forms, and without its first or last digits."""
    asked = {
        (value_of(one, "number"), value_of(one, "country"), one["path"]) for one in lookups_of_known(("441632960960",))
    }
    assert {("+441632960960", "GB", "/json"), ("+441632960960", "GB", "/xml"), ("01632960960", "GB", "/json")} <= asked
    alone = {number for number, country, _ in asked if country is None}
    assert {"01632960960", "4416329609", "1632960960", "32960960", "441632960969", "4416329609601"} <= alone
    assert ("991632960960", "GB", "/json") in asked
    assert {"99441632960960", "1441632960960", "11632960960", "491632960960"} <= alone
    assert "441632960960" not in alone
    assert {"441MDAWM0WM0", "441OFCYO0YO0", "441nebxn0xn0"} <= alone


def test_no_number_is_known() -> None:
    assert lookups_of_known(()) == ()


@pytest.mark.parametrize("method", METHODS)
def test_signature_begins_with_zero(method: str) -> None:
    parameters = [("note", "{{nonce}}"), KEY, ("timestamp", "{{timestamp}}"), ("sig", "{{sig}}")]
    fields = by_get(*parameters, sign={"method": method, "begins": "0"})
    asked = parse_request(build_request(fields, "http://h/ni/basic", Credentials(), 1_795_427_367.0))
    assert (asked.get("sig") or "").startswith("0")
    assert asked.get("timestamp") == "1795427367"
