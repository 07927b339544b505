"""Recordings: a HAR file (HTTP Archive 1.2), and JSON lines as ni-contract records them."""

from __future__ import annotations

import json

from ni_contract.recordings.formats.jsonl import row_of
from ni_contract.recordings.har_writer import har_text
from ni_contract.simulator.stubs.model import StubSet


def write_har(stubs: StubSet) -> str:
    """One HAR file; the comment of an entry is its purpose."""
    return har_text(map(stubs.exchange, stubs.recordable()))


def write_lines(stubs: StubSet) -> str:
    lines = [json.dumps({"name": stub.title, **row_of(stubs.exchange(stub))}) for stub in stubs.recordable()]
    return "\n".join(lines) + "\n"
