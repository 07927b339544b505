"""Recordings at the edges of clauses: the clauses that each exchange breaks, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edges import JSON, Broken, answer_to, changed, places
from mutants.clients import ACCOUNT, KEYS, NOW, URL, get
from mutants.recordings import recorded

from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.judge import Judge

RECORDED: dict[str, tuple[Exchange, Broken]] = {
    "a user in the URL": (
        replace(recorded(""), request=Request("GET", URL.replace("//", "//k3y:s3cr3t@"))),
        {"NIB-SEC-002": "URL"},
    ),
    "masks in the URL": (replace(recorded(""), request=Request("GET", URL.replace("//", "//***:***@"))), {}),
    "a token": (recorded("", (("Authorization", "Bearer s3cr3t-token"),)), {"NIB-SEC-002": "header Authorization"}),
    "a masked token": (recorded("", (("Authorization", "Bearer ***"),)), {}),
    "a cookie": (recorded("", (("Cookie", "s3cr3t-token"),)), {}),
    "a secret in another spelling": (recorded("&apiSecret=s3cr3t-9"), {"NIB-SEC-001": "parameter apiSecret"}),
    "a key": (recorded("&api_key=k3y-of-mine"), {"NIB-SEC-004": "parameter api_key"}),
    "a signature": (recorded("&sig=0123456789abcdef"), {"NIB-SEC-003": "parameter sig"}),
    "a secret that comes back": (
        recorded("&api_secret=s3cr3t-9", answer=b"s3cr3t-9"),
        {"NIB-SEC-001": "parameter api_secret", "NIB-SEC-005": "answer, body"},
    ),
    "a token that comes back": (
        recorded("", (("Authorization", "Bearer s3cr3t-token"),), b"s3cr3t-token"),
        {"NIB-SEC-002": "header Authorization", "NIB-SEC-005": "answer, body"},
    ),
    "a password that comes back": (
        recorded("", (("Authorization", "Basic azpwYXNzd29yZC05"),), b"password-9"),
        {"NIB-SEC-002": "header Authorization", "NIB-SEC-005": "answer, body"},
    ),
    "a secret in a header that comes back": (
        replace(recorded("&api_secret=s3cr3t-9"), answer=Answer(200, (("X-Echo", "is s3cr3t-9"),))),
        {"NIB-SEC-001": "parameter api_secret", "NIB-SEC-005": "answer, header X-Echo"},
    ),
    "a short one that comes back": (recorded("&api_secret=ab", answer=b"ab"), {"NIB-SEC-001": "parameter api_secret"}),
    "no answer": (
        replace(recorded("&api_secret=s3cr3t-9"), answer=Failure("reset", "gone")),
        {"NIB-SEC-001": "parameter api_secret"},
    ),
}


@pytest.mark.parametrize("pairs", [(("number", "02079460018"),), (("country", "GB"),)])
def test_stub_leaves_the_rest_open(pairs: tuple[tuple[str, str], ...]) -> None:
    """A stub that does not say number or country is not judged by the status that depends on it."""
    exchange = Exchange(get(*pairs, *KEYS), answer_to(JSON), "stub", NOW)
    assert places(Judge(ACCOUNT).provider(exchange)) != {}
    assert places(Judge(ACCOUNT).provider(replace(exchange, partial=True))) == {}


@pytest.mark.parametrize("case", RECORDED)
def test_recording_breaks_these(case: str) -> None:
    exchange, expected = RECORDED[case]
    assert places(Judge(None).recording(exchange)) == expected


def test_template_of_a_stub_is_unjudged() -> None:
    broken = Exchange(JSON, changed(JSON, request_id="x" * 41, country_code="gb"), "stub", NOW)
    assert places(Judge(ACCOUNT).provider(broken)) == {"NIB-RES-004": "$.request_id", "NIB-RES-012": "$.country_code"}
    templated = replace(broken, templated=("$.request_id",))
    assert places(Judge(ACCOUNT).provider(templated)) == {"NIB-RES-012": "$.country_code"}
