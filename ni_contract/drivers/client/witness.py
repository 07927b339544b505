"""Asks a client one lookup after the other and watches, at the simulator, what it makes of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ni_contract.contract.numbering import interpret
from ni_contract.drivers.client.cases import Case
from ni_contract.exchanges.client_features import features_seen
from ni_contract.exchanges.client_lookup import Lookup, LookupRecord, MissingOutcome, Outcome
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import Interrupted
from ni_contract.simulator.script import Script

# On top of the time-out that the client was told: it may be slow, but not hang.
GRACE_SECONDS: Final = 3.0
# Who is told to try again later may wait in between.
RETRY_SECONDS: Final = 20.0
# A client that tells nothing in its first lookups is not asked all the others.
HOPELESS_AFTER: Final = 3
MAX_KEPT: Final = 200

# Asks the client; the second argument is the number of seconds after which it is not waited for any more.
Ask = Callable[[Lookup, float], Outcome | MissingOutcome]


@dataclass(slots=True)
class LookupWatch:
    """Takes in what a simulator records, lookup by lookup. A request belongs to the lookup with its number.

    A client may go on asking about a number after it has told an outcome: that is not the next lookup's fault.
    *interrupted* is the signal that ended the watching early, if any.
    """

    interrupted: Interrupted | None = None

    _owners: dict[str, int] = field(default_factory=dict)
    _kept: list[list[Exchange]] = field(default_factory=list)

    def begin(self, lookup: Lookup) -> None:
        """The next lookup begins."""
        facts = interpret(lookup.number, lookup.country).facts
        for name in (lookup.number, facts.international if facts else lookup.number):
            self._owners[_digits(name)] = len(self._kept)
        self._kept.append([])

    def record(self, exchange: Exchange) -> None:
        """One more exchange; before the first lookup nobody asked for it."""
        if self._kept:
            number = _digits(parse_request(exchange.request).get("number") or "")
            kept = self._kept[self._owners.get(number, len(self._kept) - 1)]
            if len(kept) < MAX_KEPT:
                kept.append(exchange)

    def exchanges(self) -> Iterable[tuple[Exchange, ...]]:
        """The exchanges of each lookup so far, in their order."""
        return (tuple(kept) for kept in self._kept)

    def latest(self) -> Sequence[Exchange]:
        """The exchanges of the lookup that began last."""
        return self._kept[-1] if self._kept else ()


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _is_hopeless(told: Sequence[Outcome | MissingOutcome], latest: Sequence[Exchange]) -> bool:
    """Whether the client told nothing of its first lookups; of the first alone, if it only let the time pass."""
    if not all(isinstance(one, MissingOutcome) for one in told):
        return False
    is_idle = len(told) == 1 and isinstance(told[0], MissingOutcome) and told[0].kind == "late" and not latest
    return len(told) == HOPELESS_AFTER or is_idle


def drive(
    ask: Ask,
    script: Script,
    watch: LookupWatch,
    cases: Iterable[Case],
    timeout: float,
    without: frozenset[str],
    progress: Callable[[], None],
) -> tuple[LookupRecord, ...]:
    """The lookups of *cases*, but for those that need a feature in *without*, or XML of a client that asks for none.

    *timeout*: seconds that the client is told to wait for an answer. Ends early where the client tells nothing at all,
    and at a signal, which *watch* then knows.
    """
    asked: list[tuple[Case, Lookup, Outcome | MissingOutcome]] = []
    try:
        _drive(ask, script, watch, cases, timeout, without, progress, asked)
    except Interrupted as interrupted:
        watch.interrupted = interrupted
    script.clear()
    # A lookup that was interrupted has no outcome.
    return tuple(
        LookupRecord(case.id, lookup, told, exchanges, case.shape)
        for (case, lookup, told), exchanges in zip(asked, watch.exchanges(), strict=False)
    )


def _drive(
    ask: Ask,
    script: Script,
    watch: LookupWatch,
    cases: Iterable[Case],
    timeout: float,
    without: frozenset[str],
    progress: Callable[[], None],
    asked: list[tuple[Case, Lookup, Outcome | MissingOutcome]],
) -> None:
    """Appends to *asked*, so that nothing is lost when it is interrupted."""
    seen: frozenset[str] = frozenset()
    for case in cases:
        if without.isdisjoint(case.needs) and ("xml" not in case.needs or "xml" in seen):
            lookup = Lookup(case.number, case.country, timeout)
            script.set(case.script)
            watch.begin(lookup)
            limit = timeout + GRACE_SECONDS + (RETRY_SECONDS if case.may_retry else 0)
            asked.append((case, lookup, ask(lookup, limit)))
            seen |= features_seen(watch.latest())
        progress()
        if _is_hopeless([told for _, _, told in asked], watch.latest()):
            break
