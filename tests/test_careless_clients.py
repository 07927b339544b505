"""Clients with bugs that are hard to see break the clauses that name them, and no others."""

from __future__ import annotations

import pytest
from mutants.nasty_clients import CARELESS
from mutants.witnessed import ANSWERED
from test_client_faults import broken, run_of


@pytest.mark.parametrize("name", CARELESS)
def test_careless_client_breaks_its_clause(name: str) -> None:
    client, asked, clauses = CARELESS[name]
    cases = [case for case in ANSWERED if case.id in ("plain", *asked.split())]
    assert broken(run_of(client, cases)).keys() == clauses
