"""Variants of an answer, and bodies that only resemble an answer."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from simulator.conftest import Simulate

from ni_contract import Answer
from ni_contract.errors import UsageError
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.xml_document import MalformedXml, parse_xml
from ni_contract.simulator.answer_variants import VARIANTS
from ni_contract.simulator.script import FAULTS, parse_script

NUMBER = "441632960960"
SAME = (
    *("extra", "reversed", "shuffled", "spaced", "labelled", "labelled-apart", "application-xml"),
    *("undeclared", "bom", "lookup-root", "identified"),
)


def told(simulate: Simulate, fmt: str, status: Any = 0, **step: Any) -> Any:
    return simulate(script=[{"status": status, **step}]).number(NUMBER, fmt)


def facts(answer: Any, fmt: str) -> Any:
    read = ParsedResponse(Answer(answer.http_status, tuple(answer.headers.items()), answer.body), fmt == "xml")
    assert read.problem is None
    keys = {name: str(value) for name, value in read.keys.items() if name not in (*read.extras, "request_id")}
    return read.status, read.text, keys


@pytest.mark.parametrize("fmt", ["json", "xml"])
@pytest.mark.parametrize("shape", SAME)
def test_variant_keeps_values(simulate: Simulate, fmt: str, shape: Any) -> None:
    """A variant has the same values in another form."""
    assert facts(told(simulate, fmt, shape=shape), fmt) == facts(told(simulate, fmt), fmt)


@pytest.mark.parametrize("shape", VARIANTS)
def test_every_shape_changes_something(simulate: Simulate, shape: Any) -> None:
    status = 4 if shape in ("bare", "with-facts", "identified") else 0
    cases = [(fmt, edition) for fmt in ("json", "xml") for edition in ("documented", "observed")]
    usual = [written(told(simulate, fmt, status, edition=edition)) for fmt, edition in cases]
    assert [written(told(simulate, fmt, status, edition=edition, shape=shape)) for fmt, edition in cases] != usual


def written(answer: Any) -> Any:
    """An answer without its request id, which is new each time."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return headers, re.sub(rb"[0-9a-f-]{36}", b"ID", answer.body)


def test_extra_members_are_new_names(simulate: Simulate) -> None:
    assert set(told(simulate, "json", shape="extra").json) - set(told(simulate, "json").json) == {
        "carrier",
        "price",
        "ported",
        "status_code",
        "more",
    }


def test_unknown_attribute_has_an_end_of_a_tag_in_it(simulate: Simulate) -> None:
    """XML permits a > there, and a reader that takes it for the end of the tag has half of one."""
    assert b'<error as_of=">2027" code="0">' in told(simulate, "xml", shape="extra").body


def test_reversed_members_come_in_reverse_order(simulate: Simulate) -> None:
    assert list(told(simulate, "json", shape="reversed").json) == list(told(simulate, "json").json)[::-1]


@pytest.mark.parametrize(("edition", "members"), [("documented", "error_text"), ("observed", "status_message")])
def test_bare_refusal_has_two_keys(simulate: Simulate, edition: str, members: Any) -> None:
    """A bare refusal has a status and a text."""
    assert list(told(simulate, "json", 4, shape="bare", edition=edition).json) == ["status", members]
    assert [child.tag for child in told(simulate, "xml", 4, shape="bare", edition=edition).xml] == ["error"]


def test_refusal_uses_ordered_edition(simulate: Simulate) -> None:
    assert list(told(simulate, "json", 9, edition="observed").json) == ["status", "status_message"]
    assert list(told(simulate, "json", 9, edition="observed", shape="identified").json)[-1] == "request_id"


def test_refusal_may_have_facts(simulate: Simulate) -> None:
    answer = told(simulate, "json", 43, shape="with-facts").json
    assert (answer["status"], answer["country_code"]) == (43, "GB")


def test_status_may_be_absent_alone(simulate: Simulate) -> None:
    """An answer without a status has all else."""
    usual = told(simulate, "json").json
    assert told(simulate, "json", shape="no-status").json.keys() == usual.keys() - {"status"}
    assert told(simulate, "xml", shape="no-status").xml.find("error").attrib == {}


def test_dtd_is_well_formed_but_refused(simulate: Simulate) -> None:
    """A document with a DTD is well-formed, and refused."""
    body = told(simulate, "xml", shape="dtd").body
    assert ET.fromstring(body).find("error").text == "Success"  # noqa: S314 - it is our own
    with pytest.raises(MalformedXml, match="DTD"):
        parse_xml(body)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"shape": "extra"}, "shape needs a status"),
        ({"edition": "observed"}, "edition needs a status"),
        ({"status": 0, "shape": "round"}, "shape must be one of extra, reversed"),
        ({"status": 0, "edition": "third"}, "edition must be one of documented, observed"),
    ],
)
def test_a_bad_step_is_refused(step: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_script([step])


def test_other_paths_are_recorded(simulate: Simulate) -> None:
    """A request to another path is recorded too."""
    recorded = []
    simulate(record=recorded.append)("GET", "/ni/standard/json")
    assert [(e.request.url.rpartition("localhost")[2], e.answer.http_status) for e in recorded] == [
        ("/ni/standard/json", 404)
    ]


def test_the_admin_path_is_not_recorded(simulate: Simulate) -> None:
    recorded = []
    simulate(record=recorded.append, admin_path="/_admin")("GET", "/_admin/script")
    assert recorded == []


def test_silence_fault_ends_on_disconnect(simulate: Simulate) -> None:
    """In process, a client that disconnects ends the waiting."""

    async def go() -> Any:
        app = simulate(script=[{"fault": "silence"}]).app
        messages = [{"type": "http.disconnect"}]

        async def receive() -> Any:
            return messages[0]

        async def send(message: Any) -> None:
            pytest.fail(f"sent {message}")

        scope = {"type": "http", "method": "GET", "path": "/ni/basic/json", "query_string": b"", "headers": []}
        await asyncio.wait_for(app(scope, receive, send), 60)

    asyncio.run(go())


def test_page_names_variants_and_faults() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")
    assert [shape for shape in VARIANTS if f"`{shape}`" not in page] == []
    assert [fault for fault in FAULTS if f'"fault": "{fault}"' not in page] == []
