"""Readers of recordings, stubs and pacts: one module a format or a family of them, found automatically."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from itertools import chain

from ni_contract.recordings.format import Format


@cache
def all_formats() -> tuple[Format, ...]:
    """All formats that can be read, in the order in which they are tried."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    members = chain.from_iterable(vars(module).values() for module in modules)
    found = (member for member in members if isinstance(member, Format))
    return tuple(sorted(found, key=lambda one: (one.rank, one.name)))


def format_table() -> str:
    """The formats as a Markdown table, for docs/recorded.md."""
    listed = sorted(all_formats(), key=_order)
    rows = [f"| {one.title} | {one.told_by} | {_code(one.extra)} |" for one in listed]
    return "\n".join(["| format | recognised by | extra |", "|---|---|---|", *rows])


def _order(one: Format) -> tuple[bool, str]:
    """The sort key: recordings first, then stubs and pacts."""
    return one.is_stub, one.title.lower()


def _code(text: str) -> str:
    if text:
        return f"`{text}`"
    return ""
