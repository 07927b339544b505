"""Lookups that are nearly right: refused by the simulator, judged, and repeated by a curl line without a secret."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.http_target import AsgiTarget
from ni_contract.drivers.provider.numbers import REFERENCE
from ni_contract.drivers.provider.oddly_written import oddly_written_lookups
from ni_contract.drivers.provider.unusual import lookups_by_other_methods, nearly_right_lookups
from ni_contract.drivers.provider.vectors import build_request
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge import Judge
from ni_contract.report.curl import curl_line
from ni_contract.simulator import Settings, create_app

ACCOUNT = Credentials("k3y-of-tests", "s3cr3t-Z", "sig-secret-9")
CLAIMS = Claims(frozenset({"basic-auth", "signature"}))
LOOKUPS = nearly_right_lookups(REFERENCE, CLAIMS)
ODD_LOOKUPS = oddly_written_lookups(REFERENCE, CLAIMS)


@pytest.fixture(scope="module")
def target() -> Iterator[AsgiTarget]:
    simulated = AsgiTarget(create_app(Settings(credentials=ACCOUNT)), "simulator", 60)
    yield simulated
    simulated.close()


def sent(fields: Fields, target: AsgiTarget) -> Exchange:
    request = build_request(fields, target.base_url, ACCOUNT, time.time())
    return Exchange(request, target.send(request), "test", time.time())


def test_each_is_refused(target: AsgiTarget) -> None:
    for fields in LOOKUPS:
        answer = sent(fields, target).answer
        assert isinstance(answer, Answer)
        assert ParsedResponse(answer, False).status in (3, 4, 5), fields


def test_odd_ones_are_served(target: AsgiTarget) -> None:
    """Lookups that are right, though oddly written, are served, and break a clause where they are refused."""
    for fields in ODD_LOOKUPS:
        exchange = sent(fields, target)
        assert isinstance(exchange.answer, Answer)
        assert ParsedResponse(exchange.answer, fields["path"] == "/xml").status == 0, fields
        assert not Judge(ACCOUNT, strict=True).provider(exchange)
        refused = Answer(200, exchange.answer.headers, b'{"status": 5, "error_text": "format", "request_id": "a"}')
        assert Judge(ACCOUNT, strict=True).provider(Exchange(exchange.request, refused, "test", exchange.sent_at))


def test_a_success_breaks_a_clause(target: AsgiTarget) -> None:
    """Whoever serves one of them breaks a clause about numbers or credentials."""
    query = f"number={REFERENCE}&api_key={{{{api_key}}}}&api_secret={{{{api_secret}}}}"
    served = sent({"method": "GET", "path": "/json", "query": query}, target).answer
    for fields in LOOKUPS:
        request = build_request(fields, target.base_url, ACCOUNT, time.time())
        broken = Judge(ACCOUNT, strict=True).provider(Exchange(request, served, "test", time.time()))
        assert any(one.clause_id.startswith(("NIB-AUT", "NIB-NUM")) for one in broken), fields


def test_curl_lines_hold_no_credential() -> None:
    for fields in (*LOOKUPS, *ODD_LOOKUPS):
        line = curl_line(build_request(fields, "http://h/ni/basic", ACCOUNT, 1.0), "http://h/ni/basic", ACCOUNT)
        for secret in (ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.api_secret[1:], ACCOUNT.api_secret[:-1]):
            assert secret not in line
            assert quote(secret) not in line
        assert ACCOUNT.redactor()(line) == line


def test_other_methods_keep_their_clauses(target: AsgiTarget) -> None:
    """TRACE is refused by HTTP, and HEAD is answered with HTTP 200 whatever the status."""
    by_trace, *others = lookups_by_other_methods(REFERENCE)
    traced = sent(by_trace, target).answer
    assert isinstance(traced, Answer)
    assert traced.http_status == 405
    unauthorized = Answer(401)
    for fields in others[-3:]:
        exchange = sent(fields, target)
        assert not Judge(ACCOUNT, strict=True).provider(exchange)
        broken = Judge(ACCOUNT, strict=True).provider(
            Exchange(exchange.request, unauthorized, "test", exchange.sent_at)
        )
        assert {one.clause_id for one in broken} == {"NIB-REQ-010"}
