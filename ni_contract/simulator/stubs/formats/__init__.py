"""Stub formats: modules with `FORMATS`, found automatically."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from itertools import chain
from operator import attrgetter

from ni_contract.simulator.stubs.format import StubFormat


@cache
def all_stub_formats() -> dict[str, StubFormat]:
    """All formats by their names."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = chain.from_iterable(module.FORMATS for module in modules)
    return {one.name: one for one in sorted(found, key=attrgetter("name"))}


def stub_table() -> str:
    """The formats as a Markdown table, for docs/stubs.md."""
    lines = [f"| `{one.name}` | {one.tool} | {one.load} | {one.matching} |" for one in all_stub_formats().values()]
    return "\n".join(
        ["| `--as` | tool | how it is loaded | which request gets an answer |", "|---|---|---|---|", *lines]
    )
