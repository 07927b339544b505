"""Looks for what drawn requests break, shrinks it, and gives it as the fields of a vector to be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.strategies import Drawn, Fields, lookups, one_for_each_region
from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Violation

MAX_DISCOVERIES = 5

Send = Callable[[Fields], Exchange]
Judging = Callable[[Exchange], list[Violation]]


@dataclass(frozen=True, slots=True)
class Discovery:
    """A clause that a drawn request broke, shrunk: the request as a vector's fields, and the judgement."""

    fields: Fields
    judged: Violation


def sweep(send: Send, judge: Judging, known: set[str]) -> list[Discovery]:
    """What `one_for_each_region` breaks beyond the clauses *known*: the first request for each clause."""
    found: dict[str, Discovery] = {}
    for drawn in one_for_each_region():
        for judged in judge(send(drawn.fields())):
            if judged.clause_id not in known:
                found.setdefault(judged.clause_id, Discovery(drawn.fields(), judged))
    return list(found.values())


def explore(
    send: Send, judge: Judging, claims: Claims, known: set[str], examples: int, seed_: int | None
) -> list[Discovery]:
    """What *examples* drawn requests break beyond the clauses *known*, one shrunk discovery a clause.

    *send* makes the exchange of a request, *judge* says what it breaks. Without *seed_* the draw is the same each time.
    """
    discoveries: list[Discovery] = []
    while examples and len(discoveries) < MAX_DISCOVERIES:
        found = _search(send, judge, claims, known, examples, seed_)
        if found is None:
            break
        discoveries.append(found)
        known = known | {found.judged.clause_id}
    return discoveries


class _BrokenError(Exception):
    pass


def _search(
    send: Send, judge: Judging, claims: Claims, known: set[str], examples: int, seed_: int | None
) -> Discovery | None:
    found: list[Discovery] = []

    def probe(drawn: Drawn) -> None:
        judged = _first_broken(drawn, send, judge, known)
        if judged is not None:
            found.append(Discovery(drawn.fields(), judged))
            raise _BrokenError

    try:
        _hypothesis(probe, claims, examples, seed_)()
    except (_BrokenError, Flaky):
        return found[-1]
    return None


def _first_broken(drawn: Drawn, send: Send, judge: Judging, known: set[str]) -> Violation | None:
    for judged in judge(send(drawn.fields())):
        if judged.clause_id in known:
            continue
        # Where the plain request fails as well, the way of sending it is not at fault.
        is_carrier = load_catalogue()[judged.clause_id].carrier
        if is_carrier and drawn != drawn.plain() and judge(send(drawn.plain().fields())):
            continue
        return judged
    return None


def _hypothesis(probe: Callable[[Drawn], None], claims: Claims, examples: int, seed_: int | None) -> Callable[[], None]:
    configured = settings(
        max_examples=examples,
        database=None,
        derandomize=seed_ is None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    test: Callable[[], None] = configured(given(lookups(claims))(probe))
    return test if seed_ is None else seed(seed_)(test)
