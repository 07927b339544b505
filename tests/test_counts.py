"""A report counts as often as the provider itself: how many answers a clause was checked on, and how many broke it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from direct import direct_provider
from right.plain import SECRET, Provider, Refused
from thoroughness import ask_few_regions

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider import unusual
from ni_contract.exchanges.credentials import Credentials
from ni_contract.judge.verdicts import Verdict
from ni_contract.runs import recheck
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

pytestmark = pytest.mark.slow


class Counting(Provider):
    """A right provider that changes what it answers, and counts the answers that its clause is about."""

    clause_id = ""

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()

    def __call__(self, method: str, path: str, *rest: Any) -> Any:
        status, content_type, body = super().__call__(method, path, *rest)
        if status != 200 or method not in ("GET", "POST"):
            return status, content_type, body
        return self.changed(status, content_type, body, path.endswith("/json"))

    def changed(self, status: int, content_type: str, body: bytes, is_json: bool) -> Any:
        facts = json.loads(body) if is_json else {}
        is_success = facts.get("status") == 0 if is_json else b'code="0"' in body
        return self.break_it(status, content_type, body, facts, is_success)

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        raise NotImplementedError

    def checked(self, is_broken: bool) -> bool:
        self.count["checked"] += 1
        self.count["broken"] += is_broken
        return is_broken


class TextStatus(Counting):
    clause_id = "NIB-RES-005"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        if facts and self.checked(is_success):
            body = json.dumps({**facts, "status": "0"}).encode()
        return status, content_type, body


class NumberPrefix(Counting):
    clause_id = "NIB-RES-015"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        if is_success and self.checked(bool(facts)):
            body = json.dumps({**facts, "country_prefix": int(facts["country_prefix"])}).encode()
        return status, content_type, body


class Http400(Counting):
    clause_id = "NIB-RES-001"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        return 400 if self.checked(not is_success) else 200, content_type, body


class OtherRoot(Counting):
    clause_id = "NIB-XML-003"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        if not facts and self.checked(not is_success):
            body = body.replace(b"<format>", b"<answer>").replace(b"</format>", b"</answer>")
        return status, content_type, body


class GermanIso3(Counting):
    clause_id = "NIB-NUM-016"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        if is_success:
            self.checked(b"DEU" in body)
        return status, content_type, body.replace(b"DEU", b"GER")


class WithoutText(Counting):
    clause_id = "NIB-ERR-001"

    def break_it(self, status: int, content_type: str, body: bytes, facts: Any, is_success: bool) -> Any:
        if facts and not is_success and self.checked(facts["status"] == 4):
            body = json.dumps({name: value for name, value in facts.items() if name != "error_text"}).encode()
        return status, content_type, body


class AnySecret(Provider):
    """Accepts every secret for its key; counted where nothing else is wrong with the request."""

    clause_id = "NIB-AUT-002"

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()

    def check_credentials(self, params: Any, headers: Any) -> None:
        secret = params.get("api_secret")
        if "sig" not in params and secret not in (None, SECRET):
            super().check_credentials({**params, "api_secret": SECRET}, headers)
            served = self.look_up(params.get("number"), params.get("country"))
            counts = bool(served) and params.get("cnam") in (None, "true", "false")
            self.count["checked"] += counts
            self.count["broken"] += counts
            return
        try:
            super().check_credentials(params, headers)
        except Refused:
            # A wrong signature does not make a wrong secret right.
            self.count["checked"] += secret not in (None, SECRET)
            raise


@pytest.mark.parametrize(
    "kind",
    [TextStatus, NumberPrefix, Http400, OtherRoot, GermanIso3, WithoutText, AnySecret],
    ids=lambda one: one.__name__,
)
def test_counts_are_those_of_the_provider(kind: type[Any]) -> None:
    provider = kind()
    verdict = _verdict(provider)
    assert provider.count["broken"] > 0
    assert (verdict.failed, verdict.evaluated) == (provider.count["broken"], provider.count["checked"])


@pytest.fixture(autouse=True)
def only_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer to HEAD has no status, and what explains a failure is not counted."""
    ask_few_regions(monkeypatch)
    monkeypatch.setattr(recheck, "with_another_number", lambda fields, _changed: fields)
    monkeypatch.setattr(unusual, "lookups_by_other_methods", lambda _number: ())


def _verdict(provider: Any) -> Verdict:
    account, claims = Credentials(), parse_claims("", has_signature_secret=True)
    plan = VerifyPlan(account, claims, load_catalogue().select("provider"), examples=20)
    run = verify(direct_provider(provider), plan)
    return next(one for one in run.verdicts["documented"] if one.clause.id == provider.clause_id)
