"""Runs on providers that are right, wrong, incomplete, busy, slow or gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import FunctionTarget, json_answer
from mutants.providers import PROVIDERS
from mutants.tools import Mutant, MutantTarget, on_success
from mutants.verified import NOW, plan
from mutants.verified import run_of as mutant_run

from ni_contract.contract.features import CLAIMABLE, Claims, parse_claims
from ni_contract.drivers.provider.target import Target
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.judge.deviations import Deviation
from ni_contract.runs.embedded import VirtualClock, verify_embedded
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

pytestmark = pytest.mark.slow


def run(target: Target, the_plan: VerifyPlan) -> Run:
    clock = VirtualClock(NOW)
    try:
        return verify(target, the_plan, clock=clock, sleep=clock.sleep)
    finally:
        target.close()


def words(outcome: Run, edition: str = "documented") -> dict[str, str]:
    return {verdict.clause.id: verdict.word for verdict in outcome.verdicts[edition]}


def simulator(before: Callable[[Request], Request | Answer | Failure] = lambda request: request) -> Target:
    """The simulator, with requests changed or answered by *before*, without a rate limit."""
    clock = VirtualClock(NOW)
    inner = MutantTarget(Mutant(), clock)

    def send(request: Request) -> Answer | Failure:
        clock.now += 1
        changed = before(request)
        return changed if isinstance(changed, Answer | Failure) else inner.send(changed)

    target = FunctionTarget(send)
    target.close = inner.close  # type: ignore[method-assign]
    return target


def test_embedded_simulator_is_conformant_twice() -> None:
    """The embedded simulator is conformant in both editions, each judged by its own."""
    outcome = verify_embedded(plan(Claims(frozenset(CLAIMABLE), throttle=5), examples=20), 10)
    assert outcome.results == {"documented": "conformant", "observed": "conformant"}


def test_undeclared_rate_gives_partial_result() -> None:
    """Without a declared rate the result is partial, and the rate limit not offered."""
    outcome = mutant_run(Mutant(), plan(rate=4.0))
    assert outcome.results["documented"] == "partial"
    unclaimed = {clause_id for clause_id, word in words(outcome).items() if word != "pass"}
    assert unclaimed == {"NIB-REL-010", "NIB-REL-011", "NIB-REL-014"}


def test_other_edition_uses_same_exchanges() -> None:
    """The other edition is judged from the same exchanges."""
    outcome = mutant_run(Mutant(edition="observed"), plan(rate=4.0))
    assert outcome.results == {"documented": "nonconformant", "observed": "partial"}


def test_unclaimed_feature_is_not_asked() -> None:
    asked = []

    def before(request: Request) -> Request:
        asked.append(parse_request(request).format)
        return request

    outcome = run(simulator(before), plan(parse_claims("no-xml", True), rate=4.0))
    assert "xml" not in asked
    assert words(outcome)["NIB-XML-001"] == "unclaimed"


def test_missing_claimed_feature_fails_once() -> None:
    """A claimed feature that is missing fails one clause and leaves the others untested."""

    def before(request: Request) -> Request | Answer:
        return Answer(404) if "/xml" in request.url else request

    outcome = run(simulator(before), plan(rate=4.0))
    failed = {clause_id for clause_id, word in words(outcome).items() if word == "fail"}
    assert failed == {"NIB-XML-001"}
    assert words(outcome)["NIB-XML-003"] == "untested"
    assert outcome.results["documented"] == "nonconformant"


def test_missing_assumed_feature_is_unclaimed() -> None:
    def before(request: Request) -> Request | Answer:
        is_signed = "sig=" in request.url and "/json" in request.url
        return json_answer('{"status": 4, "error_text": "Invalid credentials"}') if is_signed else request

    claims = parse_claims("no-post-form,no-post-json", has_signature_secret=False)
    outcome = run(simulator(before), plan(claims, rate=4.0))
    assert words(outcome)["NIB-AUT-008"] == "unclaimed"
    assert outcome.results["documented"] == "partial"


@pytest.mark.parametrize(("more", "word"), [("", "pass"), (",no-basic-auth", "unclaimed")])
def test_forms_of_credentials_are_compared(more: str, word: str) -> None:
    """Parameters and HTTP Basic are compared where there are no signatures; a single form is not."""
    claims = parse_claims(f"no-signature{more}", has_signature_secret=False)
    assert words(run(simulator(), plan(claims, rate=4.0)))["NIB-REL-012"] == word


def test_deviation_deviates_and_stale_fails() -> None:
    """A declared deviation deviates, and a stale one fails the run."""
    declared = (Deviation("NIB-RES-004", "long ids"), Deviation("NIB-RES-009", "odd ids"))
    outcome = mutant_run(PROVIDERS["NIB-RES-004"], plan(deviations=declared, rate=4.0))
    assert words(outcome)["NIB-RES-004"] == "deviates"
    assert words(outcome)["NIB-RES-009"] == "stale"
    assert outcome.results["documented"] == "nonconformant"
    outcome = mutant_run(PROVIDERS["NIB-RES-004"], plan(deviations=declared[:1], rate=4.0))
    assert outcome.results["documented"] == "partial"


def test_broken_should_only_warns() -> None:
    """A SHOULD that does not hold warns, and does not set the result."""
    outcome = mutant_run(PROVIDERS["NIB-RES-018"], plan(rate=4.0))
    assert words(outcome)["NIB-RES-018"] == "warn"
    assert outcome.results["documented"] == "partial"


@pytest.mark.parametrize(
    ("kind", "requests"), [("refused", 1), ("tls", 1), ("timeout", 1), ("name", 1), ("protocol", 2), ("reset", 2)]
)
def test_missing_first_answer_is_error(kind: str, requests: int) -> None:
    """A target that breaks a connection is asked once more, without parameters: perhaps the lookup breaks it."""
    outcome = run(FunctionTarget(lambda request: Failure(kind, "it is down")), plan())
    assert outcome.results == {"documented": "error", "observed": "error"}
    assert "it is down" in outcome.error
    assert outcome.requests == requests


def test_redirect_is_error_without_credentials() -> None:
    """A target that redirects is an error that names the place without credentials."""
    location = Answer(302, (("Location", "https://elsewhere.example/json?api_secret=12ab34cd"),))
    outcome = run(FunctionTarget(lambda request: location), plan())
    assert "redirects (HTTP 302) to https://elsewhere.example/json" in outcome.error
    assert "12ab34cd" not in outcome.error


def test_silent_target_keeps_earlier_results() -> None:
    """A target that stops answering is an error after three requests, and earlier results are kept."""
    sent = []

    def before(request: Request) -> Request | Failure:
        sent.append(request)
        return request if len(sent) <= 40 else Failure("timeout", "no answer within 10 seconds")

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "error"
    assert "43 requests" in outcome.error
    assert words(outcome)["NIB-RES-005"] == "pass"


def test_garbage_is_nonconformant() -> None:
    """Garbage is nonconformant, and the base URL is doubted."""
    page = Answer(200, (("content-type", "text/html"),), b"<html>hello</html>")
    outcome = run(FunctionTarget(lambda request: page), plan())
    assert outcome.results["documented"] == "nonconformant"
    assert any("right base URL" in note for note in outcome.notes)


def test_one_constant_body_is_nonconformant() -> None:
    body = '{"status": 0, "status_message": "Success", "request_id": "1", "country_code": "GB"}'
    assert run(FunctionTarget(lambda request: json_answer(body)), plan()).results["documented"] == "nonconformant"


def refusal(status: int, request: Request) -> Answer:
    if "/xml" in request.url:
        body = f'<format><error code="{status}">no</error></format>'.encode()
        return Answer(200, (("content-type", "text/xml"),), body)
    key = "status_message" if status == 1 else "error_text"
    return json_answer(f'{{"status": {status}, "{key}": "no"}}')


def test_account_without_credit_is_error() -> None:
    """An account without credit is an error, and no clause is judged by it."""
    outcome = run(FunctionTarget(lambda request: refusal(9, request)), plan())
    assert outcome.results["documented"] == "error"
    assert "out of credit" in outcome.error


def test_endlessly_busy_provider_is_nonconformant() -> None:
    assert run(FunctionTarget(lambda request: refusal(1, request)), plan()).results["documented"] == "nonconformant"


@pytest.mark.parametrize("status", [1, 9])
@pytest.mark.parametrize("part", ["not-the-secret", "number=123&", "/xml", "country=GB", "cnam=true"])
def test_fine_account_excuses_nothing(status: int, part: str) -> None:
    """Status 1 and 9 excuse nothing when the account is fine."""

    def before(request: Request) -> Request | Answer:
        found = part in request.url or part.encode() in request.body
        return refusal(status, request) if found else request

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "nonconformant"


def test_answers_busy_are_judged_once() -> None:
    """The last answer Busy of several to one request has an id of its own."""
    body = '{{"status": 1, "status_message": "Busy (Throttled) Please re-try", "request_id": "{}"}}'
    answers = map(json_answer, map(body.format, range(100_000)))
    outcome = run(simulator(lambda _request: next(answers)), plan())
    assert words(outcome)["NIB-REL-008"] == "pass"
    assert outcome.causes["documented"][0].clause_id == "NIB-NUM-001"


def test_busy_is_waited_out() -> None:
    """An answer Busy is waited out, and the request sent again."""
    count = iter(range(10_000))

    def before(request: Request) -> Request | Answer:
        number = next(count)
        busy = f'{{"status": 1, "status_message": "Busy (Throttled) Please re-try", "request_id": "busy-{number}"}}'
        return json_answer(busy) if number in (1, 5) else request

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "partial"
    assert any("Busy 2 times" in note for note in outcome.notes)


def test_pace_stays_below_declared_rate() -> None:
    outcome = mutant_run(Mutant(), plan(Claims(frozenset(CLAIMABLE), throttle=5)))
    assert outcome.results["documented"] == "conformant"
    assert not outcome.notes


def test_drawn_requests_find_and_shrink() -> None:
    """Drawn requests find what the vectors miss, and shrink it to a vector."""
    nines_lose_a_digit = on_success(
        lambda facts: (
            {"national_format_number": facts["national_format_number"][:-1]}
            if facts["international_format_number"].endswith("9") and facts["country_code"] != "AR"
            else {}
        )
    )
    outcome = mutant_run(nines_lose_a_digit, plan(examples=100, rate=4.0))
    assert words(outcome)["NIB-NUM-019"] == "fail"
    (found,) = outcome.discoveries
    assert found.judged.clause_id == "NIB-NUM-019"
    assert (found.fields["method"], found.fields["path"]) == ("GET", "/json")
    assert "{{api_secret}}" in found.fields["query"]


def test_every_region_is_asked_once() -> None:
    new_zealand_is_wrong = on_success(
        lambda facts: {"country_code_iso3": "XXX"} if facts["country_code"] == "NZ" else {}
    )
    outcome = run(MutantTarget(new_zealand_is_wrong, VirtualClock(NOW), rate=None), plan(examples=1))
    assert words(outcome)["NIB-NUM-016"] == "fail"
    assert "64" in outcome.discoveries[0].fields["query"]


def test_seed_changes_drawn_requests() -> None:
    """Drawn requests are the same each time, and others with a seed."""

    def drawn(seed: int | None) -> list[str]:
        urls: list[str] = []

        def before(request: Request) -> Request:
            urls.append(f"{request.method} {request.url} {request.body!r}")
            return request

        run(simulator(before), plan(parse_claims("no-signature", True), examples=30, seed=seed, rate=4.0))
        return urls

    assert drawn(None) == drawn(None)
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
