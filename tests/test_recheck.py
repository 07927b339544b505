"""Failures that depend on other requests: said of the leading ones, which are asked again alone."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import Any

import pytest
from direct import direct_provider
from fakes import json_answer
from mutants.verified import NOW, plan
from right.plain import Provider, Refused
from test_right_providers import run_of
from test_verification import run as run_at
from test_verification import simulator

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider.vector_files import read_vectors
from ni_contract.exchanges.values import Answer, Request
from ni_contract.judge.root_causes import REPEATED
from ni_contract.report.terminal import terminal_report
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.recheck import AT_ANOTHER_TIME, BUSY_ONLY, LOCKED, MAY_PASS_ALONE, PASSED_ALONE, SIGNED_BEFORE
from ni_contract.runs.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_regions")]


class CachedByNumber(Provider):
    """A provider that keeps the facts of a number without its country."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[Any, Any] = {}

    def look_up(self, number: Any, country: Any) -> Any:
        if number not in self.kept:
            self.kept[number] = super().look_up(number, country)
        return self.kept[number]


class Locking(Provider):
    """A provider that refuses each credential after some wrong ones."""

    wrong = 0

    def check_credentials(self, params: Any, headers: Any) -> None:
        try:
            if self.wrong < 5:
                return super().check_credentials(params, headers)
        except Refused:
            self.wrong += 1
            raise
        raise Refused(4, "Invalid credentials")


def test_lock_is_said() -> None:
    """The block says that wrong credentials came before."""
    run = run_of(Locking())
    assert run.causes["documented"][0].clause_id in REPEATED
    assert LOCKED in terminal_report(run, "documented")


def test_right_answer_is_expected() -> None:
    """Of two answers to one request that one is expected which breaks no clause of its own."""
    state = {"count": 0}

    def send(request: Request) -> Request | Answer:
        if "number=123&" not in request.url:
            return request
        state["count"] += 1
        return json_answer('{"status": 4, "error_text": "Invalid credentials"}') if state["count"] == 1 else request

    outcome = run_at(simulator(send), plan(rate=4.0))
    verdict = next(v for v in outcome.verdicts["documented"] if v.clause.id in REPEATED and v.failures)
    found = verdict.failures[0]
    assert found.unmasked.expected == f"{AT_ANOTHER_TIME.expected}: 5"
    assert found.unmasked.actual == "4"


def test_cache_without_country_is_said() -> None:
    """What the provider keeps of other requests leads, and each block says that its request alone may pass."""
    run = run_of(CachedByNumber())
    assert run.causes["documented"][0].clause_id in ("NIB-NUM-013", "NIB-REL-007", "NIB-REL-009")
    report = terminal_report(run, "documented")
    assert "the whole run shows it" in report


def test_requests_of_a_repeat_line_are_sent_in_order() -> None:
    """Requests without an id, as a report prints them, are all sent, each after the answer to the one before."""
    query = "number=022345678&country={}&api_key={{{{api_key}}}}&api_secret={{{{api_secret}}}}"
    requests = ({"method": "GET", "path": "/json", "query": query.format(country)} for country in ("AE", "AL"))
    kept = [vector for fields in requests for vector in read_vectors(json.dumps({"request": fields}))]
    clauses = load_catalogue().select("provider", ("NIB-NUM-013",))
    run = verify(direct_provider(CachedByNumber()), plan(clauses=clauses, kept=tuple(kept), only=True))
    assert [cause.clause_id for cause in run.causes["documented"]] == ["NIB-NUM-013"]


class CachedByDigits(Provider):
    """A provider that keeps the facts of a number by its digits, whatever else is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[Any, Any] = {}

    def look_up(self, number: Any, country: Any) -> Any:
        key = re.sub("[^0-9]", "", number or ""), country
        if key not in self.kept:
            self.kept[key] = super().look_up(number, country)
        return self.kept[key]


class TakesSignaturesOnce(Provider):
    """A provider that refuses a signature that it has accepted."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: NOW)
        self.used: set[str] = set()

    def check_signature(self, params: Any, key: Any, sig: str) -> None:
        super().check_signature(params, key, sig)
        if sig in self.used:
            raise Refused(4, "Invalid credentials")
        self.used.add(sig)


def test_signature_accepted_before_is_said() -> None:
    """Within a second, another request may have the same signature; a second later, the same request has another."""
    ticks = count()
    provider = direct_provider(TakesSignaturesOnce())
    run = verify(provider, plan(parse_claims("", True), examples=0), clock=lambda: NOW + next(ticks) / 30)
    assert run.causes["documented"][0].clause_id == "NIB-AUT-008"
    report = terminal_report(run, "documented")
    assert SIGNED_BEFORE in report
    shown = dict(re.findall(r"^ +(request|compared) +(\w+ \S+)", report, re.MULTILINE))
    assert shown == {"request": "POST /ni/basic/json", "compared": "GET /ni/basic/json"}


class RefusesSignedForms(Provider):
    """A provider that refuses each signature in a form."""

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> dict[str, str]:
        params = super().read(method, query, headers, body, kind)
        if method == "POST" and "sig" in params:
            raise Refused(4, "Invalid credentials")
        return params


def test_signature_refused_at_any_time() -> None:
    """That the same signature was served in a GET explains nothing where another one is refused too."""
    ticks = count()
    provider = direct_provider(RefusesSignedForms(clock=lambda: NOW))
    run = verify(provider, plan(parse_claims("", True), examples=0), clock=lambda: NOW + next(ticks) / 30)
    assert SIGNED_BEFORE not in terminal_report(run, "documented")


class WithoutLastDigit(Provider):
    """A provider that loses a digit of international numbers with parentheses."""

    def look_up(self, number: Any, country: Any) -> Any:
        if "(" in (number or "") and not country:
            return super().look_up(number[:-1], country)
        return super().look_up(number, country)


def test_number_asked_before_by_chance() -> None:
    """A number that some wrong answers have may have been asked before, by chance or within a longer one."""
    run = run_of(WithoutLastDigit(), examples=0)
    (failing,) = (one for one in run.verdicts["documented"] if one.clause.id == "NIB-NUM-013")
    assert (failing.failures[0].other, failing.failures[0].alone) == (None, "")


class Dotted(Provider):
    """A provider that takes dots for separators."""

    def look_up(self, number: Any, country: Any) -> Any:
        return super().look_up(number and number.replace(".", ""), country)


@pytest.mark.parametrize(("provider", "alone"), [(CachedByDigits, MAY_PASS_ALONE), (Dotted, "")])
def test_cache_by_digits_is_said(provider: type[Provider], alone: str) -> None:
    """Another number in the same wrong form is served only once it has been looked up."""
    run = run_of(provider(), examples=0)
    (failing,) = (one for one in run.verdicts["documented"] if one.clause.id == "NIB-NUM-021")
    assert failing.failures[0].alone == alone


class KeepingMembers(Provider):
    """A provider that fills in what a body of JSON does not have from those before it."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[str, str] = {}

    def read(self, method: str, query: str, headers: Any, body: bytes, kind: str) -> dict[str, str]:
        params = super().read(method, query, headers, body, kind)
        if not body.startswith(b"{"):
            return params
        self.members |= {name: params[name] for name in ("country",) if name in params}
        return {**self.members, **params}


def test_members_of_other_bodies_are_said() -> None:
    """What was right at first, and is so no more, needs other requests; a control beside it shows nothing of that."""
    run = run_of(KeepingMembers())
    assert MAY_PASS_ALONE in terminal_report(run, "documented")


class CachedAnswers(Provider):
    """A provider that looks at credentials only for numbers that nobody asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[Any] = set()

    def check_credentials(self, params: Any, headers: Any) -> None:
        asked = params.get("number"), params.get("country")
        if asked not in self.asked:
            super().check_credentials(params, headers)
            self.asked.add(asked)


def test_served_secrets_lock_nothing() -> None:
    run = run_of(CachedAnswers())
    assert LOCKED not in terminal_report(run, "documented")


class BusyWithoutText(Provider):
    """A provider whose answers Busy have no text."""

    def __call__(self, *arguments: Any) -> Any:
        status, content_type, body = super().__call__(*arguments)
        return status, content_type, body.replace(b"Busy (Throttled) Please re-try", b"")


def test_busy_answers_need_many_requests() -> None:
    """A block about an answer Busy says that one request does not show it."""
    clock = VirtualClock(NOW)
    target = direct_provider(BusyWithoutText(rate=5, clock=clock))
    run = verify(target, plan(parse_claims("throttle=5", True)), clock=clock, sleep=clock.sleep)
    assert BUSY_ONLY in terminal_report(run, "documented")


class CrashesOnce(Provider):
    """A provider that crashes at the first wrong credentials in HTTP Basic."""

    has_crashed = False

    def __call__(self, method: str, path: str, query: str, headers: Any, body: bytes) -> Any:
        answer = super().__call__(method, path, query, headers, body)
        is_refused = b"credentials" in answer[2] and headers.get("authorization", "").startswith("Basic")
        if not is_refused or self.has_crashed:
            return answer
        self.has_crashed = True
        return 503, "text/plain", b""


def test_crash_that_is_not_seen_again_is_said() -> None:
    """A clause that does not apply to the answer of now is no longer broken either."""
    (failing,) = (one for one in run_of(CrashesOnce()).verdicts["observed"] if one.clause.id == "NIB-REQ-012")
    assert failing.failures[0].alone == PASSED_ALONE


class IdOfTwo(Provider):
    """A provider that gives two requests in a row the same id once, in the middle of many."""

    count = 0

    def __call__(self, *arguments: Any) -> Any:
        self.count += 1
        status, content_type, body = super().__call__(*arguments)
        pattern = rb"[0-9a-f]{8}-[0-9a-f-]{27}"
        return status, content_type, re.sub(pattern, b"the-same-id", body) if self.count in (50, 51, 52, 53) else body


def test_id_is_repeated_beside_others_only() -> None:
    run = run_of(IdOfTwo())
    assert PASSED_ALONE in terminal_report(run, "documented")
