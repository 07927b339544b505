"""A run: what it says of providers that are right, wrong, incomplete, busy, slow or gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import FunctionTarget, json_answer
from mutants.providers import PROVIDERS
from mutants.tools import ACCOUNT, Mutant, MutantTarget, on_success

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import CLAIMABLE, Claims, parse_claims
from ni_contract.drivers.provider.target import Target
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.judge.deviations import Deviation
from ni_contract.runs.embedded import VirtualClock, verify_embedded
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

NOW = 1_795_427_367.0
EVERYTHING = Claims(frozenset(CLAIMABLE))
CLAUSES = load_catalogue().select("provider")


def plan(claims: Claims = EVERYTHING, **changes: object) -> VerifyPlan:
    return VerifyPlan(**{"account": ACCOUNT, "claims": claims, "clauses": CLAUSES, "examples": 0, **changes})  # type: ignore[arg-type]


def run(target: Target, the_plan: VerifyPlan) -> Run:
    clock = VirtualClock(NOW)
    try:
        return verify(target, the_plan, clock=clock, sleep=clock.sleep)
    finally:
        target.close()


def mutant_run(mutant: Mutant, the_plan: VerifyPlan) -> Run:
    clock = VirtualClock(NOW)
    target = MutantTarget(mutant, clock)
    try:
        return verify(target, the_plan, clock=clock, sleep=clock.sleep)
    finally:
        target.close()


def words(outcome: Run, edition: str = "documented") -> dict[str, str]:
    return {verdict.clause.id: verdict.word for verdict in outcome.verdicts[edition]}


def simulator(before: Callable[[Request], Request | Answer | Failure] = lambda request: request) -> Target:
    """The simulator, with requests changed or answered by *before*; it has no rate limit."""
    inner = MutantTarget(Mutant(), VirtualClock(NOW))

    def send(request: Request) -> Answer | Failure:
        inner.clock.now += 1
        changed = before(request)
        return changed if isinstance(changed, Answer | Failure) else inner.send(changed)

    target = FunctionTarget(send)
    target.close = inner.close  # type: ignore[method-assign]
    return target


def test_the_embedded_simulator_is_conformant_in_both_editions_each_judged_by_its_own() -> None:
    outcome = verify_embedded(plan(Claims(frozenset(CLAIMABLE), throttle=5), examples=20), 10)
    assert outcome.results == {"documented": "conformant", "observed": "conformant"}


def test_without_a_declared_rate_the_result_is_partial_and_throttling_unclaimed() -> None:
    outcome = mutant_run(Mutant(), plan(rate=4.0))
    assert outcome.results["documented"] == "partial"
    unclaimed = {clause_id for clause_id, word in words(outcome).items() if word != "pass"}
    assert unclaimed == {"NIB-REL-010", "NIB-REL-011", "NIB-REL-014"}


def test_the_other_edition_is_judged_from_the_same_exchanges() -> None:
    outcome = mutant_run(Mutant(edition="observed"), plan(rate=4.0))
    assert outcome.results == {"documented": "nonconformant", "observed": "partial"}


def test_a_feature_that_is_not_claimed_is_not_asked_for() -> None:
    asked = []

    def before(request: Request) -> Request:
        asked.append(parse_request(request).format)
        return request

    outcome = run(simulator(before), plan(parse_claims("no-xml", True), rate=4.0))
    assert "xml" not in asked
    assert words(outcome)["NIB-XML-001"] == "unclaimed"


def test_a_claimed_feature_that_is_not_there_fails_one_clause_and_leaves_the_others_untested() -> None:
    def before(request: Request) -> Request | Answer:
        return Answer(404) if "/xml" in request.url else request

    outcome = run(simulator(before), plan(rate=4.0))
    failed = {clause_id for clause_id, word in words(outcome).items() if word == "fail"}
    assert failed == {"NIB-XML-001"}
    assert words(outcome)["NIB-XML-003"] == "untested"
    assert outcome.results["documented"] == "nonconformant"


def test_an_assumed_feature_that_is_not_there_is_unclaimed() -> None:
    def before(request: Request) -> Request | Answer:
        return json_answer('{"status": 4, "error_text": "Invalid credentials"}') if "sig=" in request.url else request

    claims = parse_claims("no-post-form,no-post-json", has_signature_secret=False)
    outcome = run(simulator(before), plan(claims, rate=4.0))
    assert words(outcome)["NIB-AUT-008"] == "unclaimed"
    assert outcome.results["documented"] == "partial"


def test_a_declared_deviation_deviates_and_a_stale_one_fails_the_run() -> None:
    declared = (Deviation("NIB-RES-004", "long ids"), Deviation("NIB-RES-009", "odd ids"))
    outcome = mutant_run(PROVIDERS["NIB-RES-004"], plan(deviations=declared, rate=4.0))
    assert words(outcome)["NIB-RES-004"] == "deviates"
    assert words(outcome)["NIB-RES-009"] == "stale"
    assert outcome.results["documented"] == "nonconformant"
    outcome = mutant_run(PROVIDERS["NIB-RES-004"], plan(deviations=declared[:1], rate=4.0))
    assert outcome.results["documented"] == "partial"


def test_a_should_that_does_not_hold_warns_and_does_not_decide() -> None:
    outcome = mutant_run(PROVIDERS["NIB-RES-018"], plan(rate=4.0))
    assert words(outcome)["NIB-RES-018"] == "warn"
    assert outcome.results["documented"] == "partial"


@pytest.mark.parametrize("kind", ["refused", "tls", "timeout", "name", "protocol", "reset"])
def test_a_target_that_gives_no_first_answer_is_an_error(kind: str) -> None:
    outcome = run(FunctionTarget(lambda request: Failure(kind, "it is down")), plan())
    assert outcome.results == {"documented": "error", "observed": "error"}
    assert "it is down" in outcome.error
    assert outcome.requests == 1


def test_a_target_that_redirects_is_an_error_that_names_the_place_without_credentials() -> None:
    location = Answer(302, (("Location", "https://elsewhere.example/json?api_secret=12ab34cd"),))
    outcome = run(FunctionTarget(lambda request: location), plan())
    assert "redirects (HTTP 302) to https://elsewhere.example/json" in outcome.error
    assert "12ab34cd" not in outcome.error


def test_a_target_that_stops_answering_is_an_error_after_three_requests_and_nothing_found_is_lost() -> None:
    sent = []

    def before(request: Request) -> Request | Failure:
        sent.append(request)
        return request if len(sent) <= 40 else Failure("timeout", "no answer within 10 seconds")

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "error"
    assert "43 requests" in outcome.error
    assert words(outcome)["NIB-RES-005"] == "pass"


def test_garbage_is_nonconformant_and_the_base_url_is_doubted() -> None:
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


def test_an_account_without_credit_is_an_error_and_nothing_is_judged_by_it() -> None:
    outcome = run(FunctionTarget(lambda request: refusal(9, request)), plan())
    assert outcome.results["documented"] == "error"
    assert "out of credit" in outcome.error


def test_a_provider_that_is_busy_for_ever_is_nonconformant() -> None:
    assert run(FunctionTarget(lambda request: refusal(1, request)), plan()).results["documented"] == "nonconformant"


@pytest.mark.parametrize("status", [1, 9])
@pytest.mark.parametrize("part", ["not-the-secret", "number=123&", "/xml", "country=GB", "cnam=true"])
def test_status_1_and_9_excuse_nothing_when_the_account_is_fine(status: int, part: str) -> None:
    def before(request: Request) -> Request | Answer:
        found = part in request.url or part.encode() in request.body
        return refusal(status, request) if found else request

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "nonconformant"


def test_an_answer_busy_is_waited_out_and_asked_again() -> None:
    count = iter(range(10_000))

    def before(request: Request) -> Request | Answer:
        number = next(count)
        busy = f'{{"status": 1, "status_message": "Busy (Throttled) Please re-try", "request_id": "busy-{number}"}}'
        return json_answer(busy) if number in (1, 5) else request

    outcome = run(simulator(before), plan(rate=4.0))
    assert outcome.results["documented"] == "partial"
    assert any("Busy 2 times" in note for note in outcome.notes)


def test_the_pace_stays_below_the_declared_rate() -> None:
    outcome = mutant_run(Mutant(), plan(Claims(frozenset(CLAIMABLE), throttle=5)))
    assert outcome.results["documented"] == "conformant"
    assert not outcome.notes


def test_drawn_requests_find_what_the_vectors_miss_and_shrink_it_to_a_vector() -> None:
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


def test_one_number_of_every_region_is_asked_for() -> None:
    new_zealand_is_wrong = on_success(
        lambda facts: {"country_code_iso3": "XXX"} if facts["country_code"] == "NZ" else {}
    )
    outcome = run(MutantTarget(new_zealand_is_wrong, VirtualClock(NOW), rate=None), plan(examples=1))
    assert words(outcome)["NIB-NUM-016"] == "fail"
    assert "64" in outcome.discoveries[0].fields["query"]


def test_drawn_requests_are_the_same_each_time_and_others_with_a_seed() -> None:
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
