"""Readers of recordings, stubs and pacts: one module a format, each with a `FORMAT`, found by being here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from ni_contract.recordings.format import Format


@cache
def all_formats() -> tuple[Format, ...]:
    """All formats that can be read, those first that are tried first."""
    found = [import_module(f"{__name__}.{module.name}").FORMAT for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda one: (one.rank, one.name)))
