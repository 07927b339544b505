"""Requests that break a clause which no vector breaks: the simplest one a clause, to be kept as a vector."""

from __future__ import annotations

from dataclasses import dataclass

from ni_contract.drivers.provider.controls import Fields
from ni_contract.judge import Violation

MAX_DISCOVERIES = 5


@dataclass(frozen=True, slots=True)
class Discovery:
    """A clause that only drawn requests broke: the simplest of them as a vector's fields, and the judgement."""

    fields: Fields
    judged: Violation


def simplest(broken: list[tuple[Fields, Violation]], known: set[str]) -> list[Discovery]:
    """The simplest of the requests in *broken* for each clause that is not *known* already."""
    found: dict[str, Discovery] = {}
    for fields, judged in sorted(broken, key=lambda pair: len(str(pair[0]))):
        if judged.clause_id not in known:
            found.setdefault(judged.clause_id, Discovery(fields, judged))
    return list(found.values())[:MAX_DISCOVERIES]
