"""The result of a clause for an exchange: PASSED, a finding, or NOT_APPLICABLE."""

from typing import Final, Literal

from ni_contract.exchanges.finding import Finding, shown

PASSED: Final = True
NOT_APPLICABLE: Final = None

Result = Finding | Literal[True] | None
Judgement = tuple[str, Finding | Literal[True]]


def check(holds: bool, at: str, expected: str, actual: object) -> Finding | Literal[True]:
    """PASSED if *holds*, else a finding of the other arguments; *actual* is any value, shown by its repr."""
    if holds:
        return PASSED
    return Finding(at, expected, shown(actual))
