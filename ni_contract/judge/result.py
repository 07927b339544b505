"""What a clause says of an exchange: it holds, it is broken (a finding), or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

LONGEST_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken clause: *at* which place (a JSON path, an XPath, a header), what was *expected*, what was there."""

    at: str
    expected: str
    actual: str


HOLDS: Final = True
SILENT: Final = None

Result = Finding | Literal[True] | None
Judgement = tuple[str, Finding | Literal[True]]


def shown(value: object) -> str:
    """*value* as a failure shows it: its repr, shortened, and for text its length when that matters."""
    text = repr(value)
    if len(text) > LONGEST_SHOWN:
        text = text[:LONGEST_SHOWN] + "…"
    return f"{text} ({len(value)} characters)" if isinstance(value, str) and len(value) > 40 else text


def check(holds: bool, at: str, expected: str, actual: object) -> Finding | Literal[True]:
    """HOLDS, or the finding made of the other arguments; *actual* is any value, shown by its repr."""
    return HOLDS if holds else Finding(at, expected, shown(actual))
