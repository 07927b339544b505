"""Answers as the client returns them: every documented one in every tolerated form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from client.client_forms import FLAVOURS, Way, answering, ask, xml_of
from reference_answer import SUCCESS

from ni_contract.client import (
    Busy,
    InternalError,
    Invalid,
    InvalidCredentials,
    KeyAndSecret,
    LookupResult,
    QuotaExceeded,
    Refusal,
    Success,
    UnknownStatus,
)

KEY = KeyAndSecret("key", "secret")
JSON, XML = Way("lookup_json"), Way("lookup_xml")
EXPECTED = Success(**SUCCESS)
XML_SUCCESS = xml_of(SUCCESS)
TYPES = {1: Busy, 3: Invalid, 4: InvalidCredentials, 5: InternalError, 9: QuotaExceeded}
UNKNOWN = (2, 6, 8, 10, 19, 43, 44, 45, 999, -1, 2**40)


def told(body: str | bytes, way: Way = JSON, content_type: str | None = None, flavour: str = "sync") -> LookupResult:
    label = content_type or ("application/json" if way == JSON else "text/xml")
    data = body.encode() if isinstance(body, str) else body
    return ask(flavour, way, KEY, "441632960960", handler=answering(data, label))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "body",
    [
        json.dumps(SUCCESS),
        json.dumps(SUCCESS, indent=4),
        json.dumps(dict(reversed(SUCCESS.items()))),
        json.dumps(SUCCESS | {"roaming": None, "carrier": {"name": "x", "status": 4}, "status_code": 4}),
        json.dumps(SUCCESS | {"error_text": None}),
        json.dumps(SUCCESS)[:-1] + ', "more": {"status": 4, "status": 0}}',
        "\ufeff" + json.dumps(SUCCESS),
        f"\r\n\t {json.dumps(SUCCESS)} \n",
    ],
)
def test_a_success_in_json(flavour: str, body: str) -> None:
    assert told(body, flavour=flavour) == EXPECTED


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "body",
    [
        XML_SUCCESS,
        xml_of(SUCCESS, root="lookup"),
        f'<?xml version="1.0" encoding="UTF-8"?>\n{XML_SUCCESS}\n',
        f"\ufeff{XML_SUCCESS}",
        f"\ufeff<?xml version='1.0'?>{XML_SUCCESS}",
        XML_SUCCESS.replace("><", ">\n   <").replace(">44", ">\n 44").replace("Success<", " Success\n<"),
        XML_SUCCESS.replace("<format>", '<format version="2"><new code="4">x</new>'),
        XML_SUCCESS.replace("<local_number", '<local_number status="4"').replace('code="0"', 'why="4" code="0"'),
        XML_SUCCESS.replace('<error code="0">Success</error>', "").replace(
            "<format>", '<format><error code="0">Success</error>'
        ),
        XML_SUCCESS.replace("Success", "<![CDATA[Success]]>").replace("<error", "<!-- x --><?pi x?><error"),
        XML_SUCCESS.replace("United", "&#85;nited"),
    ],
)
def test_a_success_in_xml(flavour: str, body: str) -> None:
    assert told(body, XML, flavour=flavour) == EXPECTED


@pytest.mark.parametrize(
    ("way", "label"),
    [
        (JSON, "application/json"),
        (JSON, "application/json;charset=UTF-8"),
        (JSON, "Application/JSON ; charset=utf-8"),
        (XML, "text/xml"),
        (XML, "text/xml; charset=utf-8"),
        (XML, "application/xml"),
        (XML, "Text/XML"),
    ],
)
def test_labels_that_are_tolerated(way: Way, label: str) -> None:
    assert told(json.dumps(SUCCESS) if way == JSON else XML_SUCCESS, way, label) == EXPECTED


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("status", [*TYPES, *UNKNOWN])
@pytest.mark.parametrize("key", ["status_message", "error_text"])
def test_each_refusal_has_its_type(flavour: str, status: int, key: str) -> None:
    """Every refusal is a type of its own, with its text from either key."""
    result = told(json.dumps({"status": status, key: "not today"}), flavour=flavour)
    assert type(result) is TYPES.get(status, UnknownStatus)
    assert isinstance(result, Refusal)
    assert (result.status, result.reason, getattr(result, key)) == (status, "not today", "not today")


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("status", [*TYPES, *UNKNOWN[:-1]])
def test_every_refusal_in_xml(flavour: str, status: int) -> None:
    result = told(f'<format><error code="{status}"> not today </error></format>', XML, flavour=flavour)
    assert result == TYPES.get(status, UnknownStatus)(status, "not today")


@pytest.mark.parametrize(
    "body",
    [
        {"status": 3},
        {"status": 3, "status_message": None, "error_text": ""},
        {"status": 3, "error_text": 5, "request_id": 7},
        {"status": 3, "international_format_number": "", "country_code": None},
    ],
)
def test_refusal_needs_only_a_status(body: dict[str, Any]) -> None:
    assert told(json.dumps(body)) == Invalid(3)


def test_a_refusal_keeps_its_request_id() -> None:
    assert told(json.dumps({"status": 4, "error_text": "no", "request_id": "a-1"})) == InvalidCredentials(
        4, error_text="no", request_id="a-1"
    )
    assert told('<format><request_id>a-1</request_id><error code="4"/></format>', XML) == InvalidCredentials(
        4, request_id="a-1"
    )
