"""Refusals for which two reasons apply: either status is right."""

from __future__ import annotations

import pytest
from edges import REFUSED, changed, places
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, get

from ni_contract.contract.signature import sign
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge

NO_NUMBER, GB = ("number", "1"), ("country", "GB")


@pytest.mark.parametrize(
    ("pairs", "status", "broken"),
    [
        pytest.param([NO_NUMBER], 5, {"NIB-NUM-006"}, id="no number"),
        pytest.param([NO_NUMBER], 3, {"NIB-NUM-005"}, id="no number, status 3"),
        pytest.param([("number", "+")], 3, set(), id="separators, status 3"),
        pytest.param([("number", "+")], 5, {"NIB-NUM-006"}, id="separators, status 5"),
        pytest.param([("number", "<abc>&")], 3, {"NIB-NUM-005"}, id="letters, status 3"),
        pytest.param([("number", "+")], 0, {"NIB-NUM-005", "NIB-NUM-006"}, id="separators, served"),
        pytest.param([NO_NUMBER, GB], 5, {"NIB-NUM-006"}, id="no number of that country"),
        pytest.param([NO_NUMBER, GB], 3, set(), id="no number of that country, status 3"),
        pytest.param([NO_NUMBER, GB], 0, {"NIB-NUM-005", "NIB-NUM-006"}, id="no number of that country, served"),
        pytest.param([("number", "+01632960960"), GB], 3, set(), id="plus before a national number"),
        pytest.param([("number", "+01632960960"), GB], 5, set(), id="plus before a national number, status 5"),
    ],
)
def test_two_reasons_allow_two_statuses(pairs: list[tuple[str, str]], status: int, broken: set[str]) -> None:
    request = get(*pairs, *KEYS)
    exchange = Exchange(request, changed(request, status=status), "provider", NOW)
    found = places(Judge(ACCOUNT).provider(exchange))
    assert {clause_id for clause_id in found if clause_id in ("NIB-NUM-005", "NIB-NUM-006")} == broken


@pytest.mark.parametrize(
    ("pairs", "broken"),
    [
        ([("number", "38344123456")], {"NIB-AUT-001"}),
        ([("number", "02079460018")], {"NIB-AUT-001"}),
        ([("number", "38344123456"), ("cnam", "true")], set()),
        ([NUMBER, NUMBER], set()),
    ],
)
def test_right_credentials_are_right_for_all_numbers(pairs: list[tuple[str, str]], broken: set[str]) -> None:
    """Status 4 is wrong for a number that may be served or refused, such as Kosovo's; not for an open request."""
    request = get(*pairs, *KEYS)
    found = places(Judge(ACCOUNT).provider(Exchange(request, changed(REFUSED, status=4), "provider", NOW)))
    assert {one for one in found if one.startswith(("NIB-AUT", "NIB-NUM"))} == broken


@pytest.mark.parametrize(
    ("pair", "broken"),
    [
        (("timestamp", "now"), set()),
        (("timestamp", str(NOW)), {"NIB-NUM-001"}),
        (("country", ""), set()),
        (("country", "GB"), {"NIB-NUM-009"}),
    ],
)
def test_option_that_is_no_value_is_open(pair: tuple[str, str], broken: set[str]) -> None:
    """A timestamp that is no number, and a country that is empty."""
    request = get(NUMBER, pair, *KEYS)
    found = places(Judge(ACCOUNT).provider(Exchange(request, changed(REFUSED, status=3), "provider", NOW)))
    assert found.keys() & {"NIB-NUM-001", "NIB-NUM-009"} == broken


KEY = KEYS[0]


def signed_pairs(*timestamp: tuple[str, str]) -> list[tuple[str, str]]:
    return [*timestamp, ("sig", sign([NUMBER, KEY, *timestamp], ACCOUNT.signature_secret, "md5hash"))]


@pytest.mark.parametrize(
    ("pairs", "status", "broken"),
    [
        ([("timestamp", str(NOW)), ("sig", "")], 3, set()),
        ([("timestamp", str(NOW)), ("sig", "")], 5, {"NIB-AUT-010"}),
        ([("timestamp", str(NOW)), ("sig", "wrong")], 3, {"NIB-AUT-010"}),
        (signed_pairs(), 3, set()),
        (signed_pairs(), 5, {"NIB-AUT-011"}),
        (signed_pairs(("timestamp", "")), 3, set()),
        (signed_pairs(("timestamp", "1")), 3, {"NIB-AUT-011"}),
    ],
)
def test_part_of_a_signature_may_be_a_missing_parameter(
    pairs: list[tuple[str, str]], status: int, broken: set[str]
) -> None:
    """A signature or a timestamp that is missing or empty; a wrong one is refused with status 4 alone."""
    request = get(NUMBER, KEY, *pairs)
    found = places(Judge(ACCOUNT).provider(Exchange(request, changed(REFUSED, status=status), "provider", NOW)))
    assert {one for one in found if one.startswith("NIB-AUT")} == broken
