"""A HAR file (HTTP Archive 1.2)."""

from __future__ import annotations

from ni_contract.recordings.har_writer import har_text
from ni_contract.simulator.stubs.format import StubFormat
from ni_contract.simulator.stubs.model import StubSet


def write(stubs: StubSet) -> dict[str, str]:
    """One HAR file; the comment of an entry is its purpose."""
    return {"number-insight.har": har_text(map(stubs.exchange, stubs.recordable()))}


FORMAT = StubFormat(
    "har",
    "whatever takes HAR 1.2",
    "`ni-contract serve --replay DIR/number-insight.har`",
    "GET with the credentials that were given",
    write,
)
