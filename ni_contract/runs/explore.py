"""Requests drawn by Hypothesis, and the simplest one that breaks each clause, to be kept as a vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.strategies import Drawn, lookups
from ni_contract.judge import Violation

MAX_DISCOVERIES = 5


@dataclass(frozen=True, slots=True)
class Discovery:
    """A clause that only drawn requests broke: the simplest of them as a vector's fields, and the judgement."""

    fields: Fields
    judged: Violation


def draw_requests(claims: Claims, known: tuple[str, ...], examples: int, seed_: int | None) -> list[Fields]:
    """The fields of *examples* drawn requests, about the numbers *known* if there are any.

    Without *seed_* the draw is the same each time.
    """
    drawn: list[Fields] = []
    if examples:
        _hypothesis(lambda one: drawn.append(one.fields()), claims, known, examples, seed_)()
    return drawn


def simplest(broken: list[tuple[Fields, Violation]], known: set[str]) -> list[Discovery]:
    """The simplest of the requests in *broken* for each clause that is not *known* already."""
    found: dict[str, Discovery] = {}
    for fields, judged in sorted(broken, key=lambda pair: len(str(pair[0]))):
        if judged.clause_id not in known:
            found.setdefault(judged.clause_id, Discovery(fields, judged))
    return list(found.values())[:MAX_DISCOVERIES]


def _hypothesis(
    take: Callable[[Drawn], None], claims: Claims, known: tuple[str, ...], examples: int, seed_: int | None
) -> Callable[[], None]:
    configured = settings(
        max_examples=examples,
        database=None,
        derandomize=seed_ is None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    def probe(drawn: Drawn) -> None:
        take(drawn)

    test: Callable[[], None] = configured(given(lookups(claims, known))(probe))
    if seed_ is None:
        return test
    return seed(seed_)(test)
