"""JSON lines, as ni-contract records them."""

from __future__ import annotations

import json

from ni_contract.recordings.formats.jsonl import row_of
from ni_contract.simulator.stubs.format import StubFormat
from ni_contract.simulator.stubs.model import StubSet


def write(stubs: StubSet) -> dict[str, str]:
    """One line for each stub."""
    lines = [json.dumps({"name": stub.title, **row_of(stubs.exchange(stub))}) for stub in stubs.recordable()]
    return {"number-insight.jsonl": "\n".join(lines) + "\n"}


FORMAT = StubFormat(
    "jsonl",
    "tables of tests in any language",
    "a JSON parser, line by line; `ni-contract serve --replay DIR/number-insight.jsonl`",
    "GET with the credentials that were given",
    write,
)
