"""The registry of checks: one decorator adds each to a stage, a list of checks run together on one kind of subject."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final, Generic, TypeVar

from ni_contract.contract.catalogue import load_catalogue

CheckT = TypeVar("CheckT")
# The check of each clause by its qualified name, which stays the same when its module is imported again.
_REGISTERED: Final[dict[str, str]] = {}


class Stage(Generic[CheckT]):
    """Checks that are run together, in the order of the catalogue."""

    def __init__(self) -> None:
        self._checks: dict[str, CheckT] = {}

    @cached_property
    def checks(self) -> tuple[tuple[str, CheckT], ...]:
        """The id of each clause with its check; complete only after all modules are imported."""
        order = [clause.id for clause in load_catalogue()]
        return tuple(sorted(self._checks.items(), key=lambda item: order.index(item[0])))

    @cached_property
    def distinct(self) -> tuple[CheckT, ...]:
        """Each check once, even if it serves several clauses."""
        return tuple(dict.fromkeys(check for _, check in self.checks))

    def register(self, clause_id: str, check: CheckT) -> None:
        """Adds *check*. Raises ValueError when *clause_id* has another check in any stage."""
        name = f"{getattr(check, '__module__', '')}.{getattr(check, '__qualname__', '')}"
        if _REGISTERED.setdefault(clause_id, name) != name:
            raise ValueError(f"{clause_id} has a check already")
        self._checks[clause_id] = check


def clause(ids: str | Iterable[str], stage: Stage[CheckT]) -> Callable[[CheckT], CheckT]:
    """Registers the decorated check in *stage*, under one id or several."""

    def register(check: CheckT) -> CheckT:
        for clause_id in [ids] if isinstance(ids, str) else ids:
            stage.register(clause_id, check)
        return check

    return register


def registered_clauses() -> frozenset[str]:
    """The ids of all clauses that have a check."""
    return frozenset(_REGISTERED)
