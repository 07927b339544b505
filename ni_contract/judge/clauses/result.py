"""What a clause says of an exchange: it holds, it is broken (a finding), or nothing."""

from __future__ import annotations

from typing import Final, Literal

from ni_contract.exchanges.finding import Finding, shown

PASSED: Final = True
NOT_APPLICABLE: Final = None

Result = Finding | Literal[True] | None
Judgement = tuple[str, Finding | Literal[True]]


def check(holds: bool, at: str, expected: str, actual: object) -> Finding | Literal[True]:
    """HOLDS, or the finding made of the other arguments; *actual* is any value, shown by its repr."""
    if holds:
        return PASSED
    return Finding(at, expected, shown(actual))
