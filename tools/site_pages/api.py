"""The reference of the public Python names: signature and docstring, from the code itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

MODULES = ("ni_contract", "ni_contract.testing", "ni_contract.simulator", "ni_contract.client", "ni_contract.schemas")


def api_page() -> str:
    """The page: each public module, each of its names."""
    return "\n".join(["# Python names\n", *(line for name in MODULES for line in _module(name))])


def _module(name: str) -> Iterator[str]:
    module = import_module(name)
    yield f"\n## {name}\n"
    yield _block(inspect.getdoc(module) or "")
    for public in sorted(module.__all__):
        yield from _name(public, getattr(module, public))


def _name(name: str, thing: object) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield _block("\n\n".join(filter(None, (_signature(name, thing), _own_doc(thing)))))
    if inspect.isclass(thing):
        for method, function in inspect.getmembers(thing, callable):
            if not method.startswith("_") and method in vars(thing) and inspect.getdoc(function):
                yield _block(f"{_signature(method, function)}\n\n{inspect.getdoc(function)}")


def _own_doc(thing: object) -> str:
    has_own = inspect.isclass(thing) or inspect.isroutine(thing)
    return (inspect.getdoc(thing) or "") if has_own else f"an instance of {type(thing).__name__}"


def _signature(name: str, thing: object) -> str:
    if not callable(thing):
        return name
    try:
        return f"{name}{inspect.signature(thing)}"
    except ValueError:
        return name


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"
