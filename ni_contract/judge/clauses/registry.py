"""Where checks are registered under the clause they state, grouped by when they have something to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ni_contract.exchanges.response import ParsedResponse

When = Callable[[ParsedResponse], bool]
CheckT = TypeVar("CheckT", bound=Callable[..., object])


class Registry(Generic[CheckT]):
    """Checks of one kind, by the condition on the answer under which they speak."""

    def __init__(self) -> None:
        self.groups: dict[When, list[tuple[str, CheckT]]] = {}

    def __call__(self, clause_id: str, when: When) -> Callable[[CheckT], CheckT]:
        """Registers the decorated function as the check of *clause_id*, called only *when* that is true."""

        def register(check: CheckT) -> CheckT:
            self.groups.setdefault(when, []).append((clause_id, check))
            return check

        return register

    def ids(self) -> list[str]:
        """The ids of all clauses that have a check here."""
        return [clause_id for checks in self.groups.values() for clause_id, _ in checks]


def readable(answered: ParsedResponse) -> bool:
    """It is an answer of the API: readable, with something like a status."""
    return answered.problem is None and answered.status is not None


def readable_json(answered: ParsedResponse) -> bool:
    """The same, in JSON."""
    return not answered.is_xml and readable(answered)


def success(answered: ParsedResponse) -> bool:
    """A readable answer with status 0."""
    return answered.status == 0 and answered.problem is None


def refusal(answered: ParsedResponse) -> bool:
    """A readable answer with a status other than 0."""
    return answered.status != 0 and readable(answered)


def json_document(answered: ParsedResponse) -> bool:
    """A JSON object, with a status or without."""
    return not answered.is_xml and answered.problem is None


def xml_document(answered: ParsedResponse) -> bool:
    """A well-formed XML document, with a status or without."""
    return answered.is_xml and answered.problem is None


def served_json(answered: ParsedResponse) -> bool:
    """HTTP 200 on the JSON path."""
    return not answered.is_xml and answered.http_status == 200


def served_xml(answered: ParsedResponse) -> bool:
    """HTTP 200 on the XML path."""
    return answered.is_xml and answered.http_status == 200
