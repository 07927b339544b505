"""What the hooks read and write, without a run."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace

import pytest

from ni_contract import schemathesis as hooks
from ni_contract.contract_files import read_spec, spec_names
from ni_contract.errors import UsageError


def read(body: bytes):
    return hooks._read_xml(None, SimpleNamespace(content=body))


def test_xml_becomes_what_the_document_describes():
    assert read(
        b'<format><request_id>a</request_id><local_number country_code="GB">01632</local_number>'
        b'<error code="0">Success</error></format>'
    ) == {
        "request_id": "a",
        "local_number": {"country_code": "GB", "national_format_number": "01632"},
        "error": {"code": 0, "message": "Success"},
    }


def test_an_element_that_occurs_twice_is_no_text_any_more():
    twice = b"<format><request_id>a</request_id><request_id>b</request_id></format>"
    assert read(twice) == {"request_id": ["a", "b"]}


@pytest.mark.parametrize("code", [b"", b"x", b"1" * 5000, "\u0661".encode(), b"-1", b"0.0"])
def test_a_code_that_is_no_number_stays_text(code):
    assert isinstance(read(b'<format><error code="' + code + b'"/></format>')["error"]["code"], str)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"{}",
        b"<format>",
        b"<format/><format/>",
        b"<!DOCTYPE format><format/>",
        b'<!DOCTYPE f [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><f>&b;</f>',
        b'<?xml version="1.0" encoding="no-such"?><format/>',
        b'<?xml version="1.0" encoding="utf-16"?><format/>',
        b"<a>" * 100_000,
        b"<a>&undefined;</a>",
        b"<a>\x00</a>",
        b"<a b='1' b='2'/>",
        b"<x:a/>",
    ],
)
def test_what_is_no_acceptable_xml_raises_value_error_and_nothing_else(body):
    with pytest.raises(ValueError, match=r"."):
        read(body)


def test_json_under_another_name_is_written_as_json_and_text_as_it_is():
    assert hooks._json_by_another_name(None, {"number": "1"}) == b'{"number": "1"}'
    assert hooks._json_by_another_name(None, '{"number"') == b'{"number"'
    assert hooks._json_by_another_name(None, b"\xff") == b"\xff"


def test_an_unknown_edition_is_refused(monkeypatch):
    monkeypatch.setenv("NI_EDITION", "newest")
    with pytest.raises(UsageError, match="newest"):
        hooks.NumberInsightContract()


def test_the_config_ships_and_switches_each_check_off_under_a_comment():
    assert "schemathesis.toml" in spec_names()
    text = read_spec("schemathesis.toml")
    lines = text.splitlines()
    switched_off = [name for name, table in tomllib.loads(text)["checks"].items() if table == {"enabled": False}]
    assert "negative_data_rejection" in switched_off
    for name in switched_off:
        above = lines[lines.index(f"{name}.enabled = false") - 1]
        assert above.startswith("#") or above.endswith(".enabled = false"), name
