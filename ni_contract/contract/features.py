"""Features of a provider: the `--features` of a run, and those that it found."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ni_contract.contract.signature import METHODS
from ni_contract.errors import UsageError, did_you_mean, option

ALWAYS = ("xml", "post-form", "post-json", "cnam", "basic-auth")
CLAIMABLE = (*ALWAYS, "signature")

_WORD = re.compile(r"(no-|-)?([a-z-]+)(?:=([a-z0-9+-]+))?")
MAX_RATE = 9999


@dataclass(frozen=True, slots=True)
class Claims:
    """The features claimed; *assumed* are those that the user did not name: not offering them is no fault.

    *throttle* is the permitted number of requests a second, None when the rate limit is not to be tested;
    *throttle_refused*: the user excluded it. *methods* are the signature methods declared, none where they are to
    be found out. *stated* are the features that the user named.
    """

    claimed: frozenset[str]
    assumed: frozenset[str] = frozenset()
    throttle: int | None = None
    throttle_refused: bool = False
    methods: tuple[str, ...] = ()
    stated: frozenset[str] = frozenset()

    def covers(self, needs: Iterable[str]) -> bool:
        """Whether everything in *needs* is claimed."""
        return all(self.throttle is not None if name == "throttle" else name in self.claimed for name in needs)


def parse_claims(text: str | None, has_signature_secret: bool) -> Claims:
    """The claims in *text*, such as `xml,signature` (only these) or `no-xml` (all but this).

    Without a word, or with values alone (`signature=md5hash,throttle=5`), everything is claimed but the rate limit;
    signatures are assumed unless a signature secret was given. Raises UsageError for a feature that does not exist.
    """
    words = [_word(part.strip()) for part in (text or "").split(",") if part.strip()]
    rates = [value for _, name, value in words if name == "throttle"]
    named = {name: value for is_negated, name, value in words if not is_negated and name != "throttle"}
    removed = {name for is_negated, name, _ in words if is_negated}
    stated = frozenset(named)
    is_list = any(not value for value in named.values())
    assumed = frozenset() if has_signature_secret or "signature" in stated else frozenset({"signature"})
    return Claims(
        claimed=(stated if is_list else frozenset(CLAIMABLE)) - removed,
        assumed=assumed - removed,
        throttle=int(rates[-1]) if rates and rates[-1] else None,
        throttle_refused=bool(rates) and not rates[-1],
        methods=tuple(filter(None, named.get("signature", "").split("+"))),
        stated=stated - removed,
    )


def _word(word: str) -> tuple[bool, str, str]:
    """Whether the feature is excluded, its name, and the value after the =."""
    match = _WORD.fullmatch(word)
    known = ", ".join((*CLAIMABLE, "throttle=N"))
    guess = did_you_mean(word.removeprefix("no-").partition("=")[0], (*CLAIMABLE, "throttle"))
    if match is None or match[2] not in (*CLAIMABLE, "throttle"):
        raise UsageError(
            f"{option('features')}: there is no feature {word!r}{guess}; choose from {known}, "
            "each with no- before it to exclude it"
        )
    is_negated, name, value = match[1] is not None, match[2], match[3] or ""
    if name == "signature" and not is_negated:
        _check_methods(word, value)
    elif (name == "throttle" and not is_negated) != value.isdigit() or (value and not value.isdigit()):
        raise UsageError(
            f"{option('features')}: {word!r} is not complete: write throttle=N, with N requests a second, "
            "and no number elsewhere"
        )
    elif value and not (len(value) < 10 and 1 <= int(value) <= MAX_RATE):
        raise UsageError(f"{option('features')}: {word} is out of range: N is from 1 to {MAX_RATE} requests a second")
    return is_negated, name, value


def _check_methods(word: str, value: str) -> None:
    if value and not set(value.split("+")) <= set(METHODS):
        raise UsageError(
            f"{option('features')}: {word}: a signature's method is one of {', '.join(METHODS)}; join several by +"
        )
