"""What a provider is said to offer: the `--features` of a run, and what was found of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ni_contract.errors import UsageError, did_you_mean

ALWAYS = ("xml", "post-form", "post-json", "cnam", "basic-auth")
CLAIMABLE = (*ALWAYS, "signature")

_WORD = re.compile(r"(no-|-)?([a-z-]+)(?:=([0-9]+))?")
MAX_RATE = 9999


@dataclass(frozen=True, slots=True)
class Claims:
    """The features claimed; *assumed* are those claimed by nobody in words: not offering them is no fault.

    *throttle* is the permitted number of requests a second, None when the rate limit is not to be tested;
    *throttle_refused* tells that somebody said so.
    """

    claimed: frozenset[str]
    assumed: frozenset[str] = frozenset()
    throttle: int | None = None
    throttle_refused: bool = False

    def covers(self, needs: Iterable[str]) -> bool:
        """Whether everything in *needs* is claimed."""
        return all(self.throttle is not None if name == "throttle" else name in self.claimed for name in needs)


def parse_claims(text: str | None, has_signature_secret: bool) -> Claims:
    """The claims in *text*, such as `xml,signature,throttle=5` (only these) or `no-xml` (all but this).

    Without a word everything is claimed but the rate limit; signatures are assumed unless a signature secret was
    given. Raises UsageError for a feature that does not exist.
    """
    added, removed, throttle = _words(text or "")
    refused = "throttle" in removed
    claimed = set(added) if added else set(CLAIMABLE)
    assumed = set() if has_signature_secret or "signature" in added else {"signature"}
    return Claims(frozenset(claimed - removed), frozenset(assumed - removed), throttle, refused)


def _words(text: str) -> tuple[set[str], set[str], int | None]:
    added: set[str] = set()
    removed: set[str] = set()
    throttle: int | None = None
    for word in filter(None, (part.strip() for part in text.split(","))):
        negated, name, rate = _word(word)
        if name == "throttle":
            throttle = rate
            (removed.add if negated else removed.discard)(name)
        elif negated:
            removed.add(name)
        else:
            added.add(name)
    return added, removed, throttle


def _word(word: str) -> tuple[bool, str, int | None]:
    match = _WORD.fullmatch(word)
    known = ", ".join((*CLAIMABLE, "throttle=N"))
    guess = did_you_mean(word.removeprefix("no-").partition("=")[0], (*CLAIMABLE, "throttle"))
    if match is None or match[2] not in (*CLAIMABLE, "throttle"):
        raise UsageError(
            f"--features: there is no feature {word!r}{guess}; choose from {known}, "
            "each with no- before it to exclude it"
        )
    negated, name, rate = match[1] is not None, match[2], match[3]
    if (rate is not None) != (name == "throttle" and not negated):
        raise UsageError(
            f"--features: {word!r} is not complete: write throttle=N, with N requests a second, and no number elsewhere"
        )
    if rate is not None and not (len(rate) < 10 and 1 <= int(rate) <= MAX_RATE):
        raise UsageError(f"--features: {word} is out of range: N is from 1 to {MAX_RATE} requests a second")
    return negated, name, int(rate) if rate else None
