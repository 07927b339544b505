"""The contract of the Number Insight Basic API: data, a judge, a simulator, and drivers for both sides.

Importing this package loads nothing else; each public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ni_contract.client import AsyncClient, Client
    from ni_contract.contract.catalogue import Catalogue, Clause, load_catalogue
    from ni_contract.exchanges.credentials import Credentials
    from ni_contract.exchanges.finding import Finding
    from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
    from ni_contract.judge import Judge

_HOMES = {
    "Answer": "exchanges.values",
    "AsyncClient": "client",
    "Catalogue": "contract.catalogue",
    "Clause": "contract.catalogue",
    "Client": "client",
    "Credentials": "exchanges.credentials",
    "Exchange": "exchanges.values",
    "Failure": "exchanges.values",
    "Finding": "exchanges.finding",
    "Judge": "judge",
    "Request": "exchanges.values",
    "load_catalogue": "contract.catalogue",
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
