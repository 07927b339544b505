"""Stub formats: one module each, with a `FORMAT`, found automatically."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from ni_contract.simulator.stubs.format import StubFormat


@cache
def all_stub_formats() -> dict[str, StubFormat]:
    """All formats by their names."""
    found = [import_module(f"{__name__}.{module.name}").FORMAT for module in pkgutil.iter_modules(__path__)]
    return {one.name: one for one in found}


def stub_table() -> str:
    """The formats as a Markdown table, for docs/stubs.md."""
    lines = [f"| `{one.name}` | {one.tool} | {one.load} | {one.matching} |" for one in all_stub_formats().values()]
    return "\n".join(
        ["| `--as` | tool | how it is loaded | which request gets an answer |", "|---|---|---|---|", *lines]
    )
