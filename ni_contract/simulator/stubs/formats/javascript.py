"""Modules in JavaScript: handlers for MSW (Mock Service Worker), and stubs for nock."""

from __future__ import annotations

import json

from ni_contract.printable import json_text
from ni_contract.simulator.stubs.data import access, code, rows
from ni_contract.simulator.stubs.model import StubSet

_HEAD = '// Handlers for MSW, by ni-contract.\nimport { http, HttpResponse } from "msw";\n\n'


def write_msw(stubs: StubSet) -> str:
    return f"{_HEAD}{_data(stubs)}{code('msw.mjs')}"


def write_nock(stubs: StubSet) -> str:
    return f"// Stubs for nock, by ni-contract.\n{_data(stubs)}{code('nock.cjs')}"


def _data(stubs: StubSet) -> str:
    """The stubs and the function that finds one, in JavaScript."""
    right, found = json.dumps(access(stubs)), json_text(rows(stubs)).rstrip()
    return f"const CREDENTIALS = {right};\nconst STUBS = {found};\n{code('answers.js')}"
