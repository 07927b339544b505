"""One run of `verify`: drive the provider once, judge under both editions, make verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ni_contract.contract.catalogue import Clause, feature_clauses
from ni_contract.contract.features import CLAIMABLE, Claims
from ni_contract.drivers.provider.driver import BUSY, Driver, Sent, plan, run_burst, run_vectors
from ni_contract.drivers.provider.replayed import leave_out_unrecorded
from ni_contract.drivers.provider.strategies import Fields
from ni_contract.drivers.provider.target import Target
from ni_contract.drivers.provider.vectors import Vector, build_request, lookup_vectors
from ni_contract.errors import HarnessError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.known_secrets import KnownSecrets
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.interruption import Interrupted
from ni_contract.judge import Judge, Violation
from ni_contract.judge.deviations import Deviation, deviations_for
from ni_contract.judge.root_causes import root_causes
from ni_contract.judge.verdicts import (
    UNTESTED,
    Tally,
    Verdict,
    apply_deviation,
    by_edition,
    results_of,
    verdict_of,
)
from ni_contract.runs.explore import Discovery, explore, sweep
from ni_contract.runs.run import Run

DEFAULT_EXAMPLES = 150
_HTTP_OK = 200
NO_CREDIT = 9
NOT_SENT = "the run ended before it was exercised"
_NOT_RECORDED = "the recording has no exchange that exercises it"


@dataclass(frozen=True, slots=True)
class VerifyPlan:
    """What a run is to do: claims, pace (requests a second), drawn requests and their seed, clauses, deviations.

    *kept* are vectors of the user's own.
    """

    account: Credentials
    claims: Claims
    clauses: tuple[Clause, ...]
    deviations: tuple[Deviation, ...] = ()
    rate: float | None = None
    examples: int = DEFAULT_EXAMPLES
    kept: tuple[Vector, ...] = ()
    seed: int | None = None


@dataclass(slots=True)
class Session:
    """The state of a run while it goes on; *missing* are the features that the vectors showed not to be offered.

    *partial* is the reason why only some vectors were sent, or count (a live run, a recording), "" where all do;
    *reasons* are those of single clauses. What is left out that way is untested.
    """

    target: Target
    plan: VerifyPlan
    driver: Driver
    deviations_name: str
    tally: Tally = field(default_factory=Tally)
    sent: list[Sent] = field(default_factory=list)
    discoveries: list[Discovery] = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    partial: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


def verify(
    target: Target,
    plan_: VerifyPlan,
    progress: Callable[[int], None] = lambda _count: None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    deviations_name: str | None = None,
) -> Run:
    """Drives *target* as *plan_* says; *progress* is told of each finished piece of work. Never raises for a target.

    Deviations are matched by *deviations_name*, or the target's own name when there is none.
    """
    start = time.monotonic()
    driver = Driver(target, plan_.account, plan_.rate or _pace(plan_.claims), sleep, clock)
    session = Session(target, plan_, driver, deviations_name or target.name)
    error, number = "", None
    try:
        with masked_logs(plan_.account.redactor()):
            _drive(session, progress)
    except HarnessError as problem:
        error = str(problem)
    except Interrupted as interrupted:
        error, number = f"interrupted ({interrupted}) after {driver.requests} requests", interrupted.number
        session.partial = NOT_SENT
    return replace(finish(session, time.monotonic() - start, error), signal=number)


def _pace(claims: Claims) -> float | None:
    """Below the declared rate, so that the vectors themselves are not refused as Busy."""
    return None if claims.throttle is None else 0.8 * claims.throttle


def work_of(plan_: VerifyPlan) -> int:
    """How many pieces of work *progress* will be told of, for a bar."""
    return len(plan(plan_.claims, plan_.account, plan_.kept)) + 1


def _drive(session: Session, progress: Callable[[int], None]) -> None:
    vectors = plan(session.plan.claims, session.plan.account, session.plan.kept)
    try:
        run_vectors(session.driver, vectors, session.sent, lambda: progress(1))
    finally:
        replayed = leave_out_unrecorded(session.sent, session.driver.busy)
        judge_vectors(session)
    if replayed:
        session.partial = _NOT_RECORDED
        return
    _refuse_exhausted(session)
    if session.plan.claims.throttle is not None:
        _burst(session, session.plan.claims.throttle)
    _explore(session)
    progress(1)


def _refuse_exhausted(session: Session) -> None:
    """Raises HarnessError when the account has no credit left: then status 9 was right, and nothing can be judged."""
    if any(status_of(one.exchange) == NO_CREDIT for one in session.sent):
        again = session.driver.send_vector(next(v for v in lookup_vectors() if v.id == "london-json"))
        if status_of(again.exchange) == NO_CREDIT:
            raise HarnessError(
                f"the account is out of credit (status 9) after {session.driver.requests} requests; "
                "give it more, or start the target anew"
            )


def judge_vectors(session: Session) -> None:
    session.missing = frozenset(_not_offered(session))
    waited_out = Judge(session.plan.account)
    for busy in session.driver.busy:
        session.tally.add(waited_out, waited_out.provider(busy), busy)
    judge = Judge(session.plan.account, strict=True)
    for sent in session.sent:
        if session.missing.isdisjoint(sent.vector.needs):
            session.tally.add(judge, judge.provider(sent.exchange), sent.exchange)
    for feature in session.missing - session.plan.claims.assumed:
        judge.evaluated[feature_clauses()[feature]] += 1
        session.tally.add(judge, [_not_offered_finding(session, feature)])


def features_found(sent: Iterable[Sent]) -> frozenset[str]:
    """The features of which at least one vector was answered as by a provider that offers them."""
    return frozenset(feature for one in sent for feature in one.vector.needs if _shows(feature, one.exchange))


def _shows(feature: str, exchange: Exchange) -> bool:
    """A refusal shows that a feature is missing; an unreadable answer does not, and is reported as what it is."""
    answer = exchange.answer
    if not isinstance(answer, Answer) or answer.http_status != _HTTP_OK:
        return False
    return feature == "xml" or status_of(exchange) in (0, None)


def _not_offered(session: Session) -> set[str]:
    """Only where plain lookups are served does a refusal tell that a feature is missing."""
    if not any(status_of(one.exchange) == 0 for one in session.sent if not one.vector.needs):
        return set()
    denied = {feature for one in session.sent for feature in one.vector.needs if _denies(one.exchange)}
    return (denied & feature_clauses().keys()) - features_found(session.sent)


def _denies(exchange: Exchange) -> bool:
    """A busy or exhausted account, or no answer at all, says nothing about what a provider offers."""
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return False
    return answer.http_status != _HTTP_OK or status_of(exchange) not in (None, 0, BUSY, NO_CREDIT)


def _not_offered_finding(session: Session, feature: str) -> Violation:
    first = next(one for one in session.sent if feature in one.vector.needs)
    expected = f"{feature} is offered; if it is not meant to be: --features no-{feature}"
    finding = Finding(f"feature {feature}", expected, _summary(first.exchange))
    return Violation(feature_clauses()[feature], first.exchange, finding)


def _summary(exchange: Exchange) -> str:
    answer = exchange.answer
    if not isinstance(answer, Answer):
        return f"no answer: {answer.message}"
    status = status_of(exchange)
    return f"HTTP {answer.http_status}" + (f", status {status}" if status is not None else "")


def _burst(session: Session, rate: int) -> None:
    named = {"served": "london-json", "credentials": "wrong-secret", "number": "missing-number"}
    by_id = {vector.id: vector.request for vector in lookup_vectors()}
    exchanges = run_burst(session.driver, rate, {which: by_id[vector_id] for which, vector_id in named.items()})
    judge = Judge(session.plan.account)
    for exchange in exchanges:
        session.tally.add(judge, judge.provider(exchange), exchange)
    session.tally.add(judge, judge.throttle(exchanges, rate))


def _explore(session: Session) -> None:
    if not session.plan.examples or not session.sent:
        return
    claims, driver, account = session.plan.claims, session.driver, session.plan.account
    offered = Claims(claims.claimed - session.missing, throttle=claims.throttle)

    def send(fields: Fields) -> Exchange:
        return driver.send_patiently(
            lambda: build_request(fields, session.target.base_url, account, driver.clock()), "generated"
        )

    def judge(exchange: Exchange) -> list[Violation]:
        fresh = Judge(account, strict=True)
        broken = fresh.provider(exchange)
        session.tally.note(exchange, fresh, broken)
        session.tally.add(fresh, ())
        return broken

    plan_ = session.plan
    known = set(session.tally.failures)
    if driver.rate is None:
        session.discoveries = sweep(send, judge, known)
        known |= {discovery.judged.clause_id for discovery in session.discoveries}
    session.discoveries += explore(send, judge, offered, known, plan_.examples, plan_.seed)
    session.tally.add(Judge(), (discovery.judged for discovery in session.discoveries))


def finish(session: Session, seconds: float, error: str) -> Run:
    verdicts = by_edition(session.plan.clauses, _verdict_maker(session))
    return Run(
        target=session.target.name,
        base_url=session.target.base_url,
        reachable=session.target.reachable,
        account=KnownSecrets.with_signatures(session.plan.account, (one.exchange for one in session.tally.judged)),
        verdicts=verdicts,
        results=results_of(verdicts, error),
        causes={edition: root_causes(found, session.tally) for edition, found in verdicts.items()},
        claims=session.plan.claims,
        found=features_found(session.sent),
        discoveries=tuple(session.discoveries),
        notes=tuple(_notes(session)),
        requests=session.driver.requests,
        seed=session.plan.seed,
        exchanges=tuple(session.tally.judged),
        seconds=seconds,
        error=error,
    )


def _verdict_maker(session: Session) -> Callable[[Clause], Verdict]:
    unclaimed = unclaimed_features(session)
    declared = deviations_for(session.deviations_name, session.plan.deviations, date.today())

    def make(clause: Clause) -> Verdict:
        verdict = verdict_of(clause, session.tally, unclaimed)
        if verdict.word == UNTESTED and (reason := session.reasons.get(clause.id, session.partial)):
            verdict = replace(verdict, reason=reason)
        return apply_deviation(verdict, declared.get(clause.id))

    return make


def unclaimed_features(session: Session) -> dict[str, str]:
    """The features not asked of the target, with the reason."""
    claims = session.plan.claims
    reasons = {f: f"{f} is not claimed" for f in CLAIMABLE if f not in claims.claimed}
    for feature in claims.assumed & session.missing:
        reasons[feature] = f"{feature} was not found; claim it with --features or --signature-secret"
    if claims.throttle is None and (claims.throttle_refused or not session.partial):
        reasons["throttle"] = "no rate is declared; declare one with --features throttle=N"
    return reasons


def _notes(session: Session) -> Iterable[str]:
    answers = [one.exchange.answer for one in session.sent]
    if answers and not any(isinstance(a, Answer) and _is_api(a) for a in answers):
        yield f"no request got an answer of the API: is {session.target.base_url} the right base URL?"
    if session.plan.claims.assumed & session.missing:
        yield "requests signed with the example secret were refused: give --signature-secret to have signatures judged"
    if session.partial == _NOT_RECORDED:
        yield f"{len(session.sent)} of {session.driver.requests} requests are in the recording; only those are judged"
    elif session.driver.busy:
        yield f"the target answered Busy {len(session.driver.busy)} times; use --rate N to send at most N a second"


def _is_api(answer: Answer) -> bool:
    return (
        ParsedResponse(answer, is_xml=False).status is not None
        or ParsedResponse(answer, is_xml=True).status is not None
    )
