"""The two errors that end a command without a verdict; the message of each is one clear sentence."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """An input that cannot be used (exit code 2): the message says what is wrong, where, and what to do next."""


class HarnessError(Exception):
    """A target that cannot be reached or a failure of the harness (exit code 3): the message says how."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question "did you mean …?" with the most similar of *known*; "" where none is similar to *word*."""
    # Of equally similar words the one with the same letters: two of them were swapped.
    found = sorted(get_close_matches(word, list(known), cutoff=0.6), key=lambda one: sorted(one) != sorted(word))
    if found:
        return f"; did you mean {found[0]}?"
    return ""
