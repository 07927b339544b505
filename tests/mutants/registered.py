"""The clients that break a clause, by the clause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mutants.right_clients import (
    Client,
)

# Other text is no number, so it is not the given number either.
FALLS_WITH = {"NIB-CLI-005": {"NIB-CLI-016"}}
MUTANTS: dict[str, Callable[..., Any]] = {}


def mutant(clause_id: str) -> Callable[[type[Client]], type[Client]]:
    def register(client: type[Client]) -> type[Client]:
        MUTANTS[clause_id] = client()
        return client

    return register
