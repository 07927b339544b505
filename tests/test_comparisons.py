"""What relations compare of two exchanges, and what not; and an exchange without an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from edges import BAD_REFUSAL, BAD_TEXTS, IN_XML, JSON, REFUSED, answer_to, changed, places
from mutants.clients import ACCOUNT, KEYS, NOW, XML, get, post

from ni_contract.exchanges.values import Exchange, Failure, Request
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


# The country of the number is open, so that no clause says whether it is served.
_KOSOVO = ("number", "38344123456")
_POST = replace(post(urlencode((_KOSOVO, *KEYS))), url=XML)
_POST_OF_JSON = replace(post(json.dumps(dict((_KOSOVO, *KEYS))), "application/json"), url=XML)


@pytest.mark.parametrize(
    ("served", "refused", "broken"),
    [
        (get(_KOSOVO, *KEYS), get(_KOSOVO, ("cnam", "true"), *KEYS), set()),
        (get(_KOSOVO, *KEYS), get(_KOSOVO, ("cnam", "false"), *KEYS), {"NIB-REL-013"}),
        (_POST, _POST_OF_JSON, set()),
        (get(_KOSOVO, *KEYS, url=XML), _POST, {"NIB-REL-002"}),
    ],
)
def test_open_request_may_be_refused_alone(served: Request, refused: Request, broken: set[str]) -> None:
    """JSON at /xml, and cnam for a number of another country than the US, may be refused, whatever is served."""
    judge = Judge(ACCOUNT)
    success, refusal = (JSON, get(*KEYS)) if "/json" in served.url else (IN_XML, get(*KEYS, url=XML))
    judge.provider(Exchange(served, answer_to(success), "provider", NOW))
    found = places(judge.provider(Exchange(refused, answer_to(refusal), "provider", NOW)))
    assert {one for one in found if one.startswith("NIB-REL")} == broken
