"""The JSON Schemas of requests: numbers, letters and credentials in each carrier."""

from __future__ import annotations

from typing import Any

import pytest
from spec.conftest import Accepts
from spec.test_spec_schemas import ARABIC_44, FORM, FULL_WIDTH_GB, JSON, LETTERS, without

# Requests

NUMBERS = ["441632960960", "+44 (0)1632-960960", " 441632960960", "01632 960960", "0", "(1)\t2", "44\n"]
NOT_NUMBERS: list[Any] = [
    "",
    " ",
    "+",
    "()",
    ARABIC_44,
    "44.16",
    "44/16",
    "tel:44",
    "44;ext=1",
    "\u00a044",
    None,
    441632960960,
]
PHONEWORDS = ["1-800-FLOWERS", "0800 call"]


@pytest.mark.parametrize("carrier", [JSON, FORM, LETTERS])
@pytest.mark.parametrize("number", NUMBERS)
def test_number_layout_is_free(number: str, carrier: str, accepts: Accepts) -> None:
    assert accepts(carrier, {"number": number})


@pytest.mark.parametrize("carrier", [JSON, FORM])
@pytest.mark.parametrize("number", NOT_NUMBERS + PHONEWORDS)
def test_what_is_no_number_is_refused(number: Any, carrier: str, accepts: Accepts) -> None:
    assert not accepts(carrier, {"number": number})


@pytest.mark.parametrize("number", PHONEWORDS)
def test_letters_belong_to_observed_edition(number: str, accepts: Accepts) -> None:
    assert accepts(LETTERS, {"number": number})


@pytest.mark.parametrize("number", ["", "FLOWERS", ARABIC_44, "44.16", "44 \u00e9", None])
def test_observed_edition_takes_letters_only(number: Any, accepts: Accepts) -> None:
    assert not accepts(LETTERS, {"number": number})


SIGNED = {"api_key": "k", "sig": "28d2", "timestamp": "1795427367"}
GOOD_PARAMETERS: list[dict[str, Any]] = [
    {},
    {"country": "GB"},
    {"cnam": "true"},
    {"cnam": "false"},
    {"api_key": "k", "api_secret": "s"},
    {"api_key": "k"},
    SIGNED,
    {"page_index": "1"},
]
BAD_PARAMETERS: list[dict[str, Any]] = [
    *({"country": country} for country in ("", "gb", "GBR", "G", "44", "GB\n", FULL_WIDTH_GB, None)),
    *({"cnam": cnam} for cnam in ("", "True", "yes", "1", 1, 0, None)),
    *(
        {"timestamp": seconds}
        for seconds in ("", "-1", "1.5", "1795427367\n", ARABIC_44, "1" * 13, 10**12, 1.5, -1, True)
    ),
    *({"api_key": key} for key in ("", None, 1)),
    *({"api_key": "k", "api_secret": secret} for secret in ("", None, 1)),
    {"api_secret": "s"},
    *({**SIGNED, "sig": sig} for sig in ("", None, 1)),
    without(SIGNED, "api_key"),
    without(SIGNED, "timestamp"),
]


@pytest.mark.parametrize("carrier", [JSON, FORM, LETTERS])
@pytest.mark.parametrize("parameters", GOOD_PARAMETERS, ids=str)
def test_good_parameters_are_accepted(parameters: dict[str, Any], carrier: str, accepts: Accepts) -> None:
    assert accepts(carrier, {"number": "1", **parameters})


@pytest.mark.parametrize("carrier", [JSON, FORM, LETTERS])
@pytest.mark.parametrize("parameters", BAD_PARAMETERS, ids=str)
def test_bad_parameters_are_refused(parameters: dict[str, Any], carrier: str, accepts: Accepts) -> None:
    assert not accepts(carrier, {"number": "1", **parameters})


@pytest.mark.parametrize("carrier", [JSON, FORM, LETTERS])
def test_request_without_number_is_refused(carrier: str, accepts: Accepts) -> None:
    assert not accepts(carrier, {"api_key": "k", "api_secret": "s"})


@pytest.mark.parametrize("carrier", [JSON, FORM, LETTERS])
@pytest.mark.parametrize("body", [[], [{"number": "1"}], "number=1", "1", None, 1], ids=str)
def test_request_must_be_object(body: Any, carrier: str, accepts: Accepts) -> None:
    assert not accepts(carrier, body)


@pytest.mark.parametrize("parameters", [{"cnam": True}, {"cnam": False}, {**SIGNED, "timestamp": 1795427367}], ids=str)
def test_booleans_and_integers_need_json(parameters: dict[str, Any], accepts: Accepts) -> None:
    assert accepts(JSON, {"number": "1", **parameters})
    assert not accepts(FORM, {"number": "1", **parameters})
