"""Readers of recordings, stubs and pacts: a function or a module for each format, found automatically.

What marks each format, and where the items of a document are, stands in `formats.toml` beside this folder.
"""

import pkgutil
from functools import cache
from importlib import import_module
from itertools import chain

from ni_contract.recordings.format import FORMATS, Format


@cache
def all_formats() -> tuple[Format, ...]:
    """All formats that can be read, in the order in which they are tried."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    members = chain.from_iterable(vars(module).values() for module in modules)
    found = (member for member in members if isinstance(member, Format))
    return tuple(sorted(found, key=lambda one: (FORMATS[one.name].get("rank", 0), one.name)))
