"""The hooks read and write the right values, without a run."""

from __future__ import annotations

import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests

from ni_contract import schemathesis as hooks
from ni_contract.contract.spec_files import read_spec, spec_names
from ni_contract.errors import UsageError

# A context for hooks that do not use it.
NOTHING: Any = None


def read(body: bytes) -> Any:
    return hooks._read_xml(NOTHING, cast("Any", SimpleNamespace(content=body)))


def test_xml_becomes_what_the_document_describes() -> None:
    assert read(
        b'<format><request_id>a</request_id><local_number country_code="GB">01632</local_number>'
        b'<error code="0">Success</error></format>'
    ) == {
        "request_id": "a",
        "local_number": {"country_code": "GB", "national_format_number": "01632"},
        "error": {"code": 0, "message": "Success"},
    }


def test_repeated_element_is_no_text() -> None:
    """An element that occurs twice is no text any more."""
    twice = b"<format><request_id>a</request_id><request_id>b</request_id></format>"
    assert read(twice) == {"request_id": ["a", "b"]}


@pytest.mark.parametrize("code", [b"", b"x", b"1" * 5000, "\u0661".encode(), b"-1", b"0.0"])
def test_invalid_code_stays_text(code: Any) -> None:
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
def test_bad_xml_raises_value_error(body: Any) -> None:
    """Unacceptable XML raises ValueError and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        read(body)


def test_json_type_is_written_as_json() -> None:
    """JSON under another media type is written as JSON, and text as it is."""
    assert hooks._json_by_another_name(NOTHING, {"number": "1"}) == b'{"number": "1"}'
    assert hooks._json_by_another_name(NOTHING, '{"number"') == b'{"number"'
    assert hooks._json_by_another_name(NOTHING, b"\xff") == b"\xff"


def test_check_is_thread_safe() -> None:
    """Several workers may use the check at once, and twice about one case."""
    # Not in a run: with several workers, Schemathesis itself sometimes fails on Python 3.11 (docs/schemathesis.md).
    check = hooks.NumberInsightContract()
    asked = [(answer(number), SimpleNamespace(id=str(number))) for number in range(300)]
    with ThreadPoolExecutor(8) as workers:
        assert list(workers.map(lambda pair: check.after_response(NOTHING, *pair), asked * 2)) == [None] * 600
    check.after_run(NOTHING)


def test_repeated_request_id_is_found() -> None:
    """One request id for two cases is found when the run ends."""
    check = hooks.NumberInsightContract()
    for case_id in ("a", "b"):
        check.after_response(NOTHING, answer(1), cast("Any", SimpleNamespace(id=case_id)))
    with pytest.raises(AssertionError, match="NIB-REL-008"):
        check.after_run(NOTHING)


def answer(number: int) -> Any:
    url = "http://127.0.0.1/ni/basic/json?api_key=n3xm0rocks&api_secret=12ab34cd"
    text = {"status": 3, "error_text": "Missing parameter number", "request_id": f"id-{number}"}
    return SimpleNamespace(
        request=requests.Request("GET", url).prepare(),
        status_code=200,
        headers={"content-type": ["application/json"]},
        content=json.dumps(text).encode(),
    )


def test_an_unknown_edition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NI_EDITION", "newest")
    with pytest.raises(UsageError, match="newest"):
        hooks.NumberInsightContract()


def test_shipped_config_comments_disabled_checks() -> None:
    """The config ships, and disables each check under a comment."""
    assert "schemathesis.toml" in spec_names()
    text = read_spec("schemathesis.toml")
    lines = text.splitlines()
    switched_off = [name for name, table in tomllib.loads(text)["checks"].items() if table == {"enabled": False}]
    assert "negative_data_rejection" in switched_off
    for name in switched_off:
        above = lines[lines.index(f"{name}.enabled = false") - 1]
        assert above.startswith("#") or above.endswith(".enabled = false"), name
