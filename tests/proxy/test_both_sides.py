"""Exchanges that pass a proxy or a mock: a wrong refusal is judged by its controls, whichever came first."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from edges import BASIC, answer_to, changed
from mutants.clients import ACCOUNT, KEYS, NOW, NUMBER, URL, get, post, signed

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.signature import METHODS, sign
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.pytest_plugin.mock_check import MockRules, fault_of
from ni_contract.runs import both_sides
from ni_contract.runs.both_sides import BothSides
from ni_contract.runs.proxy import ProxySession

PLAIN, POSTED, WITHOUT = get(NUMBER, *KEYS), post(urlencode((NUMBER, *KEYS))), get(NUMBER)
BY_BASIC = Request("GET", f"{URL}?number=442079460018", (BASIC,))
ELSEWHERE = Request("GET", f"{URL}?number=12125550123", (BASIC,))
POSTED_UNKNOWN = post(urlencode((NUMBER, *KEYS, ("page_index", "1"))))
SERVED, POSTED_SERVED, NOT_FOUND = answer_to(PLAIN), answer_to(POSTED), changed(WITHOUT, status=3, error_text="no")
PARAMS = (NUMBER, KEYS[0], ("timestamp", str(NOW)))
HMAC = get(*PARAMS, ("sig", sign(PARAMS, ACCOUNT.signature_secret, METHODS[1])))
WRONG = changed(WITHOUT, status=4, error_text="no")


def exchange(request: Request, answer: Answer) -> Exchange:
    return Exchange(request, answer, "proxy", NOW)


POST_REFUSED = exchange(POSTED, NOT_FOUND)


def broken(*exchanges: Exchange) -> list[str]:
    sides = BothSides(ACCOUNT)
    found = [sides.judge(one) for one in exchanges]
    judged = (*filter(None, found), *sides.finish())
    assert len(judged) == len(exchanges)
    ids = {one.clause_id for found in judged for one in found.broken}
    assert all(found.counted[one.clause_id] for found in judged for one in found.broken)
    return sorted(one for one in ids - {"NIB-CLI-019"} if not one.startswith("NIB-ERR"))


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([exchange(PLAIN, SERVED), exchange(POSTED, POSTED_SERVED)], []),
        ([POST_REFUSED], ["NIB-NUM-001"]),
        ([POST_REFUSED, exchange(PLAIN, SERVED)], ["NIB-REQ-002"]),
        ([exchange(PLAIN, SERVED), POST_REFUSED], ["NIB-REQ-002"]),
        ([exchange(POSTED_UNKNOWN, NOT_FOUND)], ["NIB-CLI-015", "NIB-NUM-001"]),
        ([exchange(BY_BASIC, WRONG)], ["NIB-AUT-006"]),
        ([exchange(signed(NUMBER), WRONG)], ["NIB-AUT-008"]),
        ([exchange(WITHOUT, NOT_FOUND)], ["NIB-CLI-011"]),
    ],
)
def test_refusals_are_judged_by_controls(exchanges: list[Exchange], expected: list[str]) -> None:
    assert broken(*exchanges) == expected


def test_refused_method_may_be_unoffered() -> None:
    """Of a signature method with which nothing was served nobody knows whether the provider offers it."""
    sides = BothSides(ACCOUNT)
    served, refused = exchange(signed(NUMBER), answer_to(signed(NUMBER))), exchange(HMAC, WRONG)
    for one in (served, refused):
        sides.judge(one)
    (judged,) = sides.finish()
    assert (sides.unjudged, {one.clause_id for one in judged.broken} & {"NIB-AUT-008", "NIB-AUT-009"}) == (1, set())


def test_too_many_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both_sides, "MAX_WAITING", 0)
    judged = BothSides(ACCOUNT).judge(POST_REFUSED)
    assert judged is not None
    assert "NIB-REQ-002" in {one.clause_id for one in judged.broken}


def words(*exchanges: Exchange) -> tuple[str, str]:
    """The verdicts on HTTP Basic in both editions."""
    session = ProxySession(tuple(load_catalogue()), ACCOUNT)
    for one in exchanges:
        session.add(one)
    run = session.finish("provider", "http://127.0.0.1")
    documented, observed = (
        next(one.word for one in found if one.clause.id == "NIB-AUT-006") for found in run.verdicts.values()
    )
    return documented, observed


def test_basic_is_no_documented_must() -> None:
    refused, accepted = exchange(BY_BASIC, WRONG), exchange(ELSEWHERE, answer_to(ELSEWHERE))
    assert words(refused) == ("untested", "fail")
    assert words(refused, accepted) == ("pass", "pass")
    assert words(refused, accepted, exchange(PLAIN, SERVED)) == ("fail", "fail")


@pytest.mark.parametrize(("edition", "is_broken"), [("documented", False), ("observed", True)])
def test_mock_may_refuse_basic(edition: str, is_broken: bool) -> None:
    """ni_check says of HTTP Basic, with which nothing was served, what proxy says."""
    rules = MockRules(edition, ("NIB-AUT-006",), declared=(), at_least=1, excused=(), repeat="")
    assert ("NIB-AUT-006" in fault_of([exchange(BY_BASIC, WRONG)], rules, "a test", ACCOUNT)) == is_broken
