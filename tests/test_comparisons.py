"""What relations compare of two exchanges, and what not; and an exchange without an answer."""

from __future__ import annotations

from edges import BAD_REFUSAL, BAD_TEXTS, JSON, REFUSED, answer_to, changed, places
from mutants.clients import ACCOUNT, NOW

from ni_contract.exchanges.values import Exchange, Failure
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


def test_facts_of_another_type_are_not_compared() -> None:
    """The clause about their form has them already."""
    judge = Judge(ACCOUNT)
    assert not judge.provider(Exchange(JSON, answer_to(JSON), "provider", NOW))
    answer = changed(JSON, country_name=5, request_id="another")
    assert places(judge.provider(Exchange(JSON, answer, "provider", NOW))) == {"NIB-RES-014": "$.country_name"}


def test_closed_connection_is_no_answer() -> None:
    gone = Exchange(JSON, Failure("reset", "it was closed"), "provider", NOW)
    assert places(Judge(ACCOUNT).provider(gone)) == {"NIB-REQ-001": "HTTP status"}


def test_finding_shows_no_secret_of_the_account() -> None:
    """A secret that a provider sends back, in a place that no name gives away."""
    answer = changed(JSON, country_code_iso3=f"x {ACCOUNT.api_secret}")
    (found,) = Judge(ACCOUNT).provider(Exchange(JSON, answer, "provider", NOW))
    assert ACCOUNT.api_secret in found.unmasked.actual
    assert ACCOUNT.api_secret not in found.finding.actual
