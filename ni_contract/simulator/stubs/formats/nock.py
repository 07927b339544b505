"""A module for nock."""

from __future__ import annotations

import json

from ni_contract.simulator.stubs.format import StubFormat, access, as_json, code, rows
from ni_contract.simulator.stubs.model import StubSet


def javascript(stubs: StubSet) -> str:
    """The stubs and the function that finds one, in JavaScript."""
    right, found = json.dumps(access(stubs)), as_json(rows(stubs)).rstrip()
    return f"const CREDENTIALS = {right};\nconst STUBS = {found};\n{code('answers.js')}"


def write(stubs: StubSet) -> dict[str, str]:
    """One module."""
    return {"number-insight.cjs": f"// Stubs for nock, by ni-contract.\n{javascript(stubs)}{code('nock.cjs')}"}


FORMAT = StubFormat(
    "nock",
    "nock 14",
    '`require("DIR/number-insight.cjs").load(nock)`',
    "GET, POST of a form; credentials are checked",
    write,
)
