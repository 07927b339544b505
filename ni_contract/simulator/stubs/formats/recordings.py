"""Recordings: a HAR file (HTTP Archive 1.2), and JSON lines as ni-contract records them."""

from __future__ import annotations

import json

from ni_contract.recordings.formats.jsonl import row_of
from ni_contract.recordings.har_writer import har_text
from ni_contract.simulator.stubs.format import StubFormat
from ni_contract.simulator.stubs.model import StubSet


def write_har(stubs: StubSet) -> dict[str, str]:
    """One HAR file; the comment of an entry is its purpose."""
    return {"number-insight.har": har_text(map(stubs.exchange, stubs.recordable()))}


def write_lines(stubs: StubSet) -> dict[str, str]:
    """One line for each stub."""
    lines = [json.dumps({"name": stub.title, **row_of(stubs.exchange(stub))}) for stub in stubs.recordable()]
    return {"number-insight.jsonl": "\n".join(lines) + "\n"}


FORMATS = (
    StubFormat(
        "har",
        "whatever takes HAR 1.2",
        "`ni-contract serve --replay DIR/number-insight.har`",
        "GET with the credentials that were given",
        write_har,
    ),
    StubFormat(
        "jsonl",
        "tables of tests in any language",
        "a JSON parser, line by line; `ni-contract serve --replay DIR/number-insight.jsonl`",
        "GET with the credentials that were given",
        write_lines,
    ),
)
