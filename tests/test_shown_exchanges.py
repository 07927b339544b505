"""The exchange by which a finding about the requests of a client is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lookup_records import GOOD, RIGHT, page, record
from mutants.clients import ACCOUNT, KEYS, get

from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.judge.client_judge import ClientJudge

OTHER = get(("number", "442079460019"), *KEYS)
THREE = record([page(500), page(503), RIGHT], GOOD)


def about_another(place: int) -> LookupRecord:
    """Three requests, that at *place* about another number."""
    exchanges = list(THREE.exchanges)
    exchanges[place] = replace(exchanges[place], request=OTHER)
    return replace(THREE, exchanges=tuple(exchanges))


SHOWN = {
    "too many": (record([*map(page, range(500, 511)), RIGHT], GOOD), "NIB-CLI-021", 0),
    "again after the second": (record([page(500), RIGHT, RIGHT], GOOD), "NIB-CLI-021", 1),
    "another number first": (about_another(0), "NIB-CLI-016", 0),
    "another number second": (about_another(1), "NIB-CLI-016", 1),
    "another number third": (about_another(2), "NIB-CLI-016", 2),
    "another outcome": (replace(THREE, reported=replace(GOOD, ok=False)), "NIB-CLI-023", 2),
}


@pytest.mark.parametrize("name", SHOWN)
def test_finding_is_shown_by_its_exchange(name: str) -> None:
    seen, clause_id, place = SHOWN[name]
    (found,) = (one for one in ClientJudge(ACCOUNT).lookup(seen) if one.clause_id == clause_id)
    assert found.exchange is seen.exchanges[place]
