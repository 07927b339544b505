"""Exchanges whose account is not known, as in recordings."""

from __future__ import annotations

from edges import answer_to, changed, places
from mutants.clients import NOW
from test_judge_edges import BAD_REFUSAL, BAD_TEXTS, JSON, REFUSED

from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge


def test_unknown_account_compares_no_refusals() -> None:
    """Where the account is not known, status 4 means that the credentials were wrong: it contradicts no success."""
    found = {}
    for status in (3, 4):
        judge, refusal = Judge(None), changed(REFUSED, status=status)
        assert not judge.provider(Exchange(JSON, answer_to(JSON), "provider", NOW))
        found[status] = places(judge.provider(Exchange(JSON, refusal, "provider", NOW)))
    assert found[4] == BAD_TEXTS
    assert found[3] == {**BAD_REFUSAL, "NIB-REL-007": "status"}
