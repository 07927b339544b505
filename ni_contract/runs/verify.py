"""One run of `verify`: drive the provider once, judge under both editions, make verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from ni_contract.clock import RealClock
from ni_contract.contract.catalogue import EDITIONS, Clause, feature_clauses
from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.controls import Fields, plain
from ni_contract.drivers.provider.driver import Driver, Sent, TimeIsUp, burst_size, plan, run_burst, run_vectors
from ni_contract.drivers.provider.numbers import COMMON, REFERENCE, SAMPLE, number_of, plain_lookup
from ni_contract.drivers.provider.places import find_place
from ni_contract.drivers.provider.replayed import is_replayed, leave_out_unrecorded
from ni_contract.drivers.provider.sweep import lookups_of_all_regions
from ni_contract.drivers.provider.target import Repeatable, Target
from ni_contract.drivers.provider.vectors import Vector, build_request, lookup_vectors
from ni_contract.errors import HarnessError, option
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.known_secrets import KnownSecrets
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.exchanges.response import ParsedResponse
from ni_contract.exchanges.values import Answer, Request
from ni_contract.interruption import Interrupted
from ni_contract.judge import Violation
from ni_contract.judge.deviations import deviations_for
from ni_contract.judge.root_causes import root_causes
from ni_contract.judge.verdicts import (
    PASS,
    UNCLAIMED,
    UNTESTED,
    Verdict,
    apply_deviation,
    results_of,
    verdict_of,
)
from ni_contract.runs.explore import Discovery, draw_requests, simplest
from ni_contract.runs.offered import (
    BASIC,
    NO_CREDIT,
    features_found,
    features_missing,
    is_offered,
    methods_found,
    missing_finding,
    open_reason,
    unclaimed_features,
)
from ni_contract.runs.only import vectors_for
from ni_contract.runs.run import Run
from ni_contract.runs.session import DEFAULT_EXAMPLES, Session, VerifyPlan

__all__ = ["DEFAULT_EXAMPLES", "Session", "VerifyPlan", "finish", "judge_vectors", "verify", "work_of"]

POSSIBLE_NUMBER = "NIB-NUM-001"
NOT_SENT = "the run ended before it was exercised"
DEFAULT_JOBS, MAX_JOBS = 4, 16
_NOT_RECORDED = "the recording has no exchange that exercises it"
# A provider that serves so many of the sample knows numbering plans, and not just a few numbers.
_ENOUGH_SERVED = 3


def verify(
    target: Target,
    plan_: VerifyPlan,
    progress: Callable[[int], None] = lambda _count: None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    deviations_name: str | None = None,
) -> Run:
    """Drives *target* as *plan_* says; *progress* is told of each request. Never raises for a target.

    Deviations are matched by *deviations_name*, or the target's own name when there is none.
    """
    start = time.monotonic()
    driver = Driver(target, plan_.account, plan_.rate or _pace(plan_.claims), sleep, clock)
    driver.deadline = RealClock.monotonic() + plan_.max_seconds + _paced_seconds(driver.rate, plan_)
    driver.jobs, driver.max_jobs = _jobs(target, plan_)
    driver.progress = progress
    session = Session(target, plan_, driver, deviations_name or target.name, has_controls=True)
    error, number = "", None
    try:
        with masked_logs(plan_.account.redactor()):
            _drive(session)
    except HarnessError as problem:
        error = str(problem)
    except Interrupted as interrupted:
        error, number = f"interrupted ({interrupted}) after {driver.requests} requests", interrupted.number
        session.partial = NOT_SENT
    return replace(finish(session, time.monotonic() - start, error), signal=number)


def _jobs(target: Target, plan_: VerifyPlan) -> tuple[int, int]:
    """How many requests are under way at once, and how many where answers are slow; one where a rate is declared."""
    if not isinstance(target, Repeatable) or plan_.claims.throttle is not None or plan_.rate is not None:
        return 1, 1
    if plan_.jobs:
        return (plan_.jobs, plan_.jobs)
    return (DEFAULT_JOBS, MAX_JOBS)


def _paced_seconds(rate: float | None, plan_: VerifyPlan) -> float:
    """What a declared pace needs on top of the time that a run may take."""
    if rate is None:
        return 0.0
    return (work_of(plan_) + plan_.examples) / rate


def _pace(claims: Claims) -> float | None:
    """Below the declared rate, so that the vectors themselves are not refused as Busy."""
    if claims.throttle is None:
        return None
    return 0.8 * claims.throttle


def work_of(plan_: VerifyPlan) -> int:
    """About how many requests *progress* will be told of, for a bar: controls and repetitions are not foreseen."""
    vectors = plan(plan_.claims, plan_.account, plan_.kept)
    rate = plan_.rate or plan_.claims.throttle
    burst = 0 if plan_.claims.throttle is None or plan_.only else burst_size(plan_.claims.throttle)
    sweep = len(lookups_of_all_regions()) if plan_.examples and not plan_.numbers and rate is None else 0
    count = len(vectors_for(plan_.clauses, vectors) if plan_.only else vectors)
    return 1 + count + len(plan_.numbers or SAMPLE) + burst + sweep + plan_.examples


def _drive(session: Session) -> None:
    try:
        _send_vectors(session)
    except (HarnessError, TimeIsUp, Interrupted) as problem:
        session.has_controls, session.interruption = False, problem
    replayed = leave_out_unrecorded(session.sent, session.driver.busy)
    session.has_controls = session.has_controls and not replayed
    judge_vectors(session)
    if replayed:
        session.partial = _NOT_RECORDED
        return
    try:
        if session.interruption is not None:
            raise session.interruption
        _go_on(session)
    except TimeIsUp:
        session.partial = f"the time of the run was up (--max-time {session.plan.max_seconds:g})"


def _send_vectors(session: Session) -> None:
    plan_, driver = session.plan, session.driver
    vectors = plan(plan_.claims, plan_.account, plan_.kept)
    if plan_.only:
        vectors = list({v.id: v for v in (*vectors_for(plan_.clauses, vectors), *plan_.kept)}.values())
    _find_place(session, vectors)
    if is_replayed(session.sent[0].exchange):
        _send_to_replay(session, vectors)
        return
    _find_numbers(session)
    probes = [vector for vector in vectors if vector.probe and _is_declared(plan_.claims, vector)]
    run_vectors(driver, map(session.adapted, probes), session.sent)
    session.methods = plan_.claims.methods or methods_found(session.sent)
    others = [vector for vector in vectors if not vector.probe and _is_wanted(session, vector)]
    run_vectors(driver, map(session.adapted, others), session.sent)


def _send_to_replay(session: Session, vectors: Sequence[Vector]) -> None:
    """Sends *vectors* as they are: a recording holds each exchange once, so that the first lookup is not sent again."""
    first = session.sent.pop()
    place = next((i for i, vector in enumerate(vectors) if vector.request == first.vector.request), 0)
    run_vectors(session.driver, vectors[:place], session.sent)
    session.sent.append(Sent(vectors[place], first.exchange))
    run_vectors(session.driver, vectors[place + 1 :], session.sent)


def _is_declared(claims: Claims, vector: Vector) -> bool:
    return not claims.methods or vector.request["sign"]["method"] in claims.methods


def _is_wanted(session: Session, vector: Vector) -> bool:
    """Of declared numbers the others are not offered: a vector that is only there for its number is left out."""
    number = number_of(vector.request)
    is_plain = vector.request == plain_lookup(number or "")
    return not (session.plan.numbers and is_plain and number not in session.plan.numbers)


def _find_place(session: Session, vectors: Sequence[Vector]) -> None:
    """Sends the first lookup: in a run of a few clauses one of theirs, so that it is not sent for this alone."""
    asked = (number for vector in vectors if (number := number_of(vector.request)) is not None)
    number = next(asked, REFERENCE) if session.plan.only else REFERENCE
    vector = _plain_vector(session.plan.numbers[0] if session.plan.numbers else number)
    exchange = find_place(session.driver, vector.request)
    session.sent.append(Sent(vector, exchange))


def _find_numbers(session: Session) -> None:
    """Sends the declared numbers, or else a sample; where that is not served, the numbers of common examples."""
    declared = session.plan.numbers
    first = session.sent[0]
    session.known = declared
    if declared:
        _ask_for(session, declared[1:])
    elif not (session.plan.only and status_of(first.exchange) == 0):
        served = _ask_for(session, SAMPLE)
        if len(served) < _ENOUGH_SERVED:
            session.known = tuple(map(_number_asked, _served([first]))) + served + _ask_for(session, COMMON)


def _ask_for(session: Session, numbers: Iterable[str]) -> tuple[str, ...]:
    """Those of *numbers* that are served."""
    before = len(session.sent)
    run_vectors(session.driver, map(_plain_vector, numbers), session.sent)
    return tuple(map(_number_asked, _served(session.sent[before:])))


def _plain_vector(number: str) -> Vector:
    return Vector(f"number-{number}", "a plain lookup", plain_lookup(number), {})


def _served(sent: Iterable[Sent]) -> list[Sent]:
    return [one for one in sent if status_of(one.exchange) == 0]


def _number_asked(sent: Sent) -> str:
    return number_of(sent.vector.request) or ""


def judge_vectors(session: Session) -> None:
    """Judges everything that was sent so far, in its order."""
    session.missing = features_missing(session.sent)
    session.methods = session.methods or methods_found(session.sent)
    session.take_busy()
    for sent in session.sent:
        session.take(sent.exchange, sent.vector.request, is_offered(session, sent))
    for feature in session.missing - session.plan.claims.assumed:
        clause_id = feature_clauses()[feature]
        session.tally.evaluated[clause_id] += 1
        session.tally.add(session.judge, [missing_finding(session, feature)])


def _go_on(session: Session) -> None:
    _refuse_exhausted(session)
    if session.plan.claims.throttle is not None and not session.plan.only:
        _burst(session, session.plan.claims.throttle)
    _explore(session)


def _refuse_exhausted(session: Session) -> None:
    """Raises HarnessError when the account has no credit left: then status 9 was right, and nothing can be judged."""
    if any(status_of(one.exchange) == NO_CREDIT for one in session.sent):
        again = session.driver.send_vector(next(v for v in lookup_vectors() if v.id == "london-json"))
        if status_of(again.exchange) == NO_CREDIT:
            raise HarnessError(
                f"the account is out of credit (status 9) after {session.driver.requests} requests; "
                "give it more, or start the target anew"
            )


def _burst(session: Session, rate: int) -> None:
    named = {"served": "london-json", "credentials": "wrong-secret", "number": "missing-number"}
    by_id = {vector.id: session.adapted(vector).request for vector in lookup_vectors()}
    exchanges = run_burst(session.driver, rate, {which: by_id[vector_id] for which, vector_id in named.items()})
    for exchange in exchanges:
        session.tally.add(session.judge, session.judge.provider(exchange, is_excused=True), exchange)
    session.tally.add(session.judge, session.judge.throttle(exchanges, rate))


def _explore(session: Session) -> None:
    """Sends a number of every region and drawn requests; what only they break is kept as a vector."""
    plan_, driver = session.plan, session.driver
    if not plan_.examples or not session.sent:
        return
    before = set(session.tally.failures)
    sweep = () if session.known or driver.rate is not None else lookups_of_all_regions()
    drawn = draw_requests(session.offered(), session.known, plan_.examples, plan_.seed)
    requests = [*sweep, *drawn]
    broken: list[tuple[Fields, Violation]] = []
    exchanges = driver.send_all([(_build(session, fields), "generated") for fields in requests])
    for fields, exchange in zip(requests, exchanges, strict=True):
        broken += [(fields, violation) for violation in session.take(exchange, fields)]
    session.discoveries = [_plainer(session, found) for found in simplest(broken, before)]


def _plainer(session: Session, found: Discovery) -> Discovery:
    """*found* by the plainest request for the same, if that breaks the clause too."""
    fields = plain(found.fields)
    if fields == found.fields:
        return found
    exchange = session.driver.send_patiently(_build(session, fields), "generated")
    again = (one for one in session.take(exchange, fields) if one.clause_id == found.judged.clause_id)
    return next((Discovery(fields, one) for one in again), found)


def _build(session: Session, fields: Fields) -> Callable[[], Request]:
    return lambda: build_request(fields, session.target.base_url, session.plan.account, session.driver.clock())


def finish(session: Session, seconds: float, error: str) -> Run:
    """The run that *session* has come to."""
    verdicts = {edition: tuple(_verdicts(session, edition)) for edition in EDITIONS}
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
        asked=session.asked,
    )


def _verdicts(session: Session, edition: str) -> Iterable[Verdict]:
    unclaimed = unclaimed_features(session.plan.claims, session.missing, bool(session.partial))
    declared = deviations_for(session.deviations_name, session.plan.deviations, date.today())
    for clause in session.plan.clauses:
        if clause.binds(edition):
            yield apply_deviation(_verdict(session, clause, edition, unclaimed), declared.get(clause.id))


def _verdict(session: Session, clause: Clause, edition: str, unclaimed: dict[str, str]) -> Verdict:
    if reason := open_reason(session, clause, edition):
        return Verdict(clause, UNCLAIMED, reason=reason)
    verdict = verdict_of(clause, session.tally, unclaimed)
    if clause.id == POSSIBLE_NUMBER and verdict.word == PASS and session.plan.numbers:
        return replace(verdict, word=UNCLAIMED, reason=f"only the numbers of {option('numbers')} are offered")
    reason = session.reasons.get(clause.id, session.partial)
    if verdict.word == UNTESTED and reason:
        return replace(verdict, reason=reason)
    return verdict


def _notes(session: Session) -> Iterable[str]:
    answers = [one.exchange.answer for one in session.sent]
    if answers and not any(isinstance(a, Answer) and _is_api(a) for a in answers):
        yield f"no request got an answer of the API: is {session.target.base_url} the right base URL?"
    if session.plan.claims.assumed & session.missing:
        yield "requests signed with the example secret were refused: give a signature secret to have signatures judged"
    yield from _notes_on_numbers(session)
    if BASIC in session.missing:
        yield "HTTP Basic is not served: the vendor's current SDKs send nothing else, and cannot use this provider"
    if session.partial == _NOT_RECORDED:
        yield f"{len(session.sent)} of {session.driver.requests} requests are in the recording; only those are judged"
    elif session.driver.busy:
        yield f"the target answered Busy {len(session.driver.busy)} times; use --rate N to send at most N a second"


def _notes_on_numbers(session: Session) -> Iterable[str]:
    plain = [one for one in session.sent if one.vector.request == plain_lookup(number_of(one.vector.request) or "")]
    asked = {number_of(one.vector.request): status_of(one.exchange) == 0 for one in plain}
    served = [number for number, is_served in asked.items() if is_served and number]
    if session.known and not session.plan.numbers:
        yield (
            f"{len(served)} of {len(asked)} numbers that were tried are served, and the rest was judged by these; "
            f"if no others are meant to be: {option('numbers')} {','.join(served)}"
        )


def _is_api(answer: Answer) -> bool:
    return any(ParsedResponse(answer, is_xml).status is not None for is_xml in (False, True))
