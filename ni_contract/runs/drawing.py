"""Requests that Hypothesis draws. The commands that draw none do not import this module, and so not Hypothesis."""

from collections.abc import Callable, Iterable, Iterator

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields, key_of
from ni_contract.drivers.provider.strategies import Drawn, lookups


def draw_requests(claims: Claims, known: tuple[str, ...], examples: int, seed_: int | None) -> list[Fields]:
    """The fields of at most *examples* drawn requests, about the numbers *known* if there are any.

    Without *seed_* the draw is the same each time. A signed request is drawn once: whether a second one is the same
    request would depend on the second in which it is signed.
    """
    drawn: list[Fields] = []
    if examples:
        _hypothesis(drawn.append, claims, known, examples, seed_)()
    return list(_signed_once(drawn))


def _signed_once(drawn: Iterable[Fields]) -> Iterator[Fields]:
    signed: set[str] = set()
    for fields in drawn:
        if key_of(fields) not in signed:
            yield fields
        if "sign" in fields:
            signed.add(key_of(fields))


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
