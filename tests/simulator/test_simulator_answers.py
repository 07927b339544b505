"""The form of the answers: keys, their order, types, the XML document, request ids."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from reference_answer import SUCCESS
from simulator.conftest import Asker, Simulate

from ni_contract.simulator.lookup import ApiResult
from ni_contract.simulator.render import render

KEYS = list(SUCCESS)


def test_json_keys_are_in_documented_order(documented: Asker) -> None:
    assert list(documented.number("441632960960").json) == KEYS


@pytest.mark.parametrize("fmt", ["json", "xml"])
def test_request_id_is_new_uuid(documented: Asker, fmt: str) -> None:
    """Every answer has a new UUID of version 4."""
    pattern = rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ids = [re.search(pattern, documented.number("441632960960", fmt).body).group() for _ in range(100)]
    assert len(set(ids)) == 100


def test_documented_error_has_text_and_id(documented: Asker) -> None:
    answer = documented.number("12").json
    assert list(answer) == ["status", "error_text", "request_id"]
    assert UUID(answer["request_id"]).version == 4


def test_observed_error_has_message_only(observed: Asker) -> None:
    assert list(observed.number("12").json) == ["status", "status_message"]


def test_busy_has_status_message_always(simulate: Simulate) -> None:
    """Busy has status_message in both editions."""
    for edition in ("documented", "observed"):
        answer = simulate(edition=edition, script=[{"status": 1}]).number("1").json
        assert (answer["status_message"], "error_text" in answer) == ("Busy (Throttled) Please re-try", False)


def test_xml_equals_reference(documented: Asker) -> None:
    root = documented.number("441632960960", "xml").xml
    assert [child.tag for child in root] == ["request_id", "international_format_number", "local_number", "error"]
    assert (root.tag, root[1].text, root[2].text) == ("format", "441632960960", "01632 960960")
    assert (root[3].attrib, root[3].text) == ({"code": "0"}, "Success")
    assert root[2].attrib == {
        "country_code": "GB",
        "country_code_iso3": "GBR",
        "country_name": "United Kingdom",
        "country_prefix": "44",
    }


def test_an_xml_error_carries_no_number(documented: Asker) -> None:
    assert [child.tag for child in documented.number("12", "xml").xml] == ["request_id", "error"]


def test_xml_and_json_say_the_same(documented: Asker) -> None:
    said, written = documented.number("35312345678").json, documented.number("35312345678", "xml").xml
    assert dict(written.find("local_number").attrib) == {k: said[k] for k in KEYS[5:]}


def test_xml_is_declared_utf_8(documented: Asker) -> None:
    assert documented.number("441632960960", "xml").body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')


@pytest.mark.parametrize(
    ("sent", "read"),
    [("<&>\"'", "<&>\"'"), ("\0\x0b\ufffe", "\ufffd" * 3), ("\r\n\t", "\r\n\t"), ("é😀", "é😀"), ("]]>", "]]>")],
)
def test_whatever_is_echoed_is_well_formed(observed: Asker, sent: Any, read: Any) -> None:
    assert f"[ 1{sent} ]" in observed.number(f"1{sent}").json["status_message"]
    assert f"[ 1{read} ]" in observed.number(f"1{sent}", "xml").xml.findtext("error", "")


def test_json_text_is_utf_8() -> None:
    assert "é".encode() in render(ApiResult(3, "é"), "documented", "json").body()


@pytest.mark.parametrize("fmt", ["json", "xml"])
@pytest.mark.parametrize("number", ["441632960960", "12"])
def test_content_length_and_type_are_right(documented: Asker, fmt: str, number: str) -> None:
    told = documented.number(number, fmt)
    assert int(told.headers["content-length"]) == len(told.body)
    assert told.headers["content-type"] == {"json": "application/json", "xml": "text/xml"}[fmt]


def test_answers_are_independent(documented: Asker) -> None:
    first = json.loads(documented.number("441632960960").body)
    for other in ("12", "14155550100", ""):
        documented.number(other)
    again = documented.number("441632960960").json
    assert {**first, "request_id": ""} == {**again, "request_id": ""}
