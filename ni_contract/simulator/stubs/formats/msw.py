"""Handlers for MSW (Mock Service Worker)."""

from __future__ import annotations

from ni_contract.simulator.stubs.format import StubFormat, code
from ni_contract.simulator.stubs.formats.nock import javascript
from ni_contract.simulator.stubs.model import StubSet

_HEAD = '// Handlers for MSW, by ni-contract.\nimport { http, HttpResponse } from "msw";\n\n'


def write(stubs: StubSet) -> dict[str, str]:
    """One module."""
    return {"number-insight.mjs": f"{_HEAD}{javascript(stubs)}{code('msw.mjs')}"}


FORMAT = StubFormat(
    "msw",
    "MSW 2",
    '`import { handlers } from "DIR/number-insight.mjs"`, then `setupServer(...handlers)`',
    "GET, POST of a form; credentials are checked",
    write,
)
