"""The contract of the Number Insight Basic API: data, a judge, a simulator, and drivers for both sides.

Importing this package loads nothing else; each public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ni_contract.catalogue import Catalogue, Clause, load_catalogue
    from ni_contract.client import AsyncClient, Client
    from ni_contract.credentials import Credentials
    from ni_contract.exchange import Answer, Exchange, Failure, Request
    from ni_contract.judge import Judge
    from ni_contract.judge.result import Finding

_HOMES = {
    "Answer": "exchange",
    "AsyncClient": "client",
    "Catalogue": "catalogue",
    "Clause": "catalogue",
    "Client": "client",
    "Credentials": "credentials",
    "Exchange": "exchange",
    "Failure": "exchange",
    "Finding": "judge.result",
    "Judge": "judge",
    "Request": "exchange",
    "load_catalogue": "catalogue",
}

__all__ = [
    "Answer",
    "AsyncClient",
    "Catalogue",
    "Clause",
    "Client",
    "Credentials",
    "Exchange",
    "Failure",
    "Finding",
    "Judge",
    "Request",
    "load_catalogue",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ni_contract' has no attribute {name!r}")
    return getattr(import_module(f"ni_contract.{_HOMES[name]}"), name)
