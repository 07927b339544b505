"""Modules in JavaScript: handlers for MSW (Mock Service Worker), and stubs for nock."""

from __future__ import annotations

import json

from ni_contract.simulator.stubs.format import StubFormat, access, as_json, code, rows
from ni_contract.simulator.stubs.model import StubSet

_HEAD = '// Handlers for MSW, by ni-contract.\nimport { http, HttpResponse } from "msw";\n\n'


def write_msw(stubs: StubSet) -> dict[str, str]:
    """One module."""
    return {"number-insight.mjs": f"{_HEAD}{_data(stubs)}{code('msw.mjs')}"}


def write_nock(stubs: StubSet) -> dict[str, str]:
    """One module."""
    return {"number-insight.cjs": f"// Stubs for nock, by ni-contract.\n{_data(stubs)}{code('nock.cjs')}"}


def _data(stubs: StubSet) -> str:
    """The stubs and the function that finds one, in JavaScript."""
    right, found = json.dumps(access(stubs)), as_json(rows(stubs)).rstrip()
    return f"const CREDENTIALS = {right};\nconst STUBS = {found};\n{code('answers.js')}"


FORMATS = (
    StubFormat(
        "msw",
        "MSW 2",
        '`import { handlers } from "DIR/number-insight.mjs"`, then `setupServer(...handlers)`',
        "GET, POST of a form; credentials are checked",
        write_msw,
    ),
    StubFormat(
        "nock",
        "nock 14",
        '`require("DIR/number-insight.cjs").load(nock)`',
        "GET, POST of a form; credentials are checked",
        write_nock,
    ),
)
