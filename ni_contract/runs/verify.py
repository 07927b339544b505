"""One run of `verify`: drive the provider once, judge under both editions, make verdicts."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ni_contract.clock import RealClock
from ni_contract.contract.catalogue import feature_clauses
from ni_contract.contract.features import Claims
from ni_contract.drivers.provider.burst import burst_size
from ni_contract.drivers.provider.driver import Driver, Sent, TimeIsUp, plan, run_vectors
from ni_contract.drivers.provider.known import lookups_of_known
from ni_contract.drivers.provider.liveness import TargetEndedError
from ni_contract.drivers.provider.numbers import COMMON, REFERENCE, SAMPLE, number_of, plain_lookup
from ni_contract.drivers.provider.places import find_place
from ni_contract.drivers.provider.replayed import is_replayed, leave_out_unrecorded
from ni_contract.drivers.provider.sweep import lookups_of_all_regions
from ni_contract.drivers.provider.target import Concurrent, Target
from ni_contract.drivers.provider.unusual import unusual_lookups
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.errors import HarnessError
from ni_contract.exchanges.gateway import status_of
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.interruption import Interrupted
from ni_contract.runs.account import REFUSED, are_refused, is_locked_out, refuse_endlessly_busy, refuse_exhausted
from ni_contract.runs.connections import judge_connections
from ni_contract.runs.ended import judge_end, leave_out_unanswered
from ni_contract.runs.explore import explore
from ni_contract.runs.limits import judge_limit
from ni_contract.runs.offered import features_missing, is_offered, methods_found, missing_finding
from ni_contract.runs.only import vectors_for
from ni_contract.runs.provider_run import NOT_RECORDED, finish
from ni_contract.runs.recheck import ask_again, name_earlier_requests, put_right_first
from ni_contract.runs.run import Run
from ni_contract.runs.session import Session, VerifyPlan

NOT_SENT = "the run ended before it was checked"
DEFAULT_JOBS, MAX_JOBS = 4, 64
# A provider that serves so many of the sample supports numbering plans, not just a few numbers.
_ENOUGH_SERVED = 3


def verify(
    target: Target,
    plan_: VerifyPlan,
    progress: Callable[[int], None] = lambda _count: None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    deviations_name: str | None = None,
) -> Run:
    """Drives *target* by *plan_*; *progress* is called for each request. Never raises for a fault of the target.

    Deviations are matched by *deviations_name*, or the target's own name when there is none.
    """
    start = time.monotonic()
    driver = Driver(target, plan_.account, plan_.rate or _pace(plan_.claims), sleep, clock)
    driver.deadline = RealClock.monotonic() + plan_.max_seconds + _paced_seconds(driver.rate, plan_)
    driver.jobs, driver.max_jobs = _jobs(target, plan_)
    driver.progress = progress
    session = Session(target, plan_, driver, deviations_name or target.name, has_controls=True)
    error, number = _to_the_end(session)
    return replace(finish(session, time.monotonic() - start, error), signal=number)


def _to_the_end(session: Session) -> tuple[str, int | None]:
    """The reason why the run could not be finished, "" when it could, and the signal if that was the reason."""
    try:
        with masked_logs(session.plan.account.redactor()):
            _drive(session)
            name_earlier_requests(session)
            put_right_first(session)
            judge_connections(session)
            ask_again(session)
    except TargetEndedError as problem:
        judge_end(session, problem)
        if not problem.is_fault:
            return str(problem), None
    except HarnessError as problem:
        return str(problem), None
    except Interrupted as interrupted:
        session.partial = NOT_SENT
        return f"interrupted ({interrupted}) after {session.driver.requests} requests", interrupted.number
    return "", None


def _jobs(target: Target, plan_: VerifyPlan) -> tuple[int, int]:
    """The number of requests under way at once, and that for slow answers; one where a rate is declared."""
    if not isinstance(target, Concurrent) or plan_.claims.throttle is not None or plan_.rate is not None:
        return 1, 1
    if plan_.jobs:
        return (plan_.jobs, plan_.jobs)
    return (DEFAULT_JOBS, MAX_JOBS)


def _paced_seconds(rate: float | None, plan_: VerifyPlan) -> float:
    """The seconds that a declared pace adds to the time limit of a run."""
    if rate is None:
        return 0.0
    return (work_of(plan_) + plan_.examples) / rate


def _pace(claims: Claims) -> float | None:
    """A pace below the declared rate, so that the vectors themselves are not refused as Busy."""
    if claims.throttle is None:
        return None
    return 0.8 * claims.throttle


def work_of(plan_: VerifyPlan) -> int:
    """An estimate of the requests that *progress* will count, for a bar, without controls and repetitions."""
    vectors = _planned(plan_)
    throttle = plan_.claims.throttle
    count = 1 + len(vectors) + len(plan_.numbers or SAMPLE) + plan_.examples
    if throttle is not None and _wants_burst(plan_):
        count += burst_size(throttle)
    if plan_.examples:
        count += len(lookups_of_known(plan_.numbers))
    if plan_.examples and throttle is None and plan_.rate is None:
        count += len(unusual_lookups(REFERENCE, plan_.claims))
        if not plan_.numbers:
            count += len(lookups_of_all_regions())
    return count


def _planned(plan_: VerifyPlan) -> Sequence[Vector]:
    """The vectors to send: with `only` few of the fixed ones; the user's own always, each as often as it is named."""
    if not plan_.only:
        return plan(plan_.claims, plan_.account, plan_.kept)
    fixed = plan(plan_.claims, plan_.account)
    own = [vector.request for vector in plan_.kept]
    chosen = [vector for vector in vectors_for(plan_.clauses, fixed) if vector.request not in own]
    return [*_probes_for([*chosen, *plan_.kept], fixed), *chosen, *plan_.kept]


def _probes_for(chosen: Sequence[Vector], fixed: Sequence[Vector]) -> list[Vector]:
    """The probes of *fixed* that show whether the signatures of *chosen* are offered, and which of them."""
    requests = [vector.request for vector in chosen]
    if not any("sign" in request for request in requests):
        return []
    return [vector for vector in fixed if vector.probe and vector.request not in requests]


def _drive(session: Session) -> None:
    try:
        _send_vectors(session)
    except (HarnessError, TimeIsUp, Interrupted) as problem:
        session.has_controls, session.interruption = False, problem
        leave_out_unanswered(session, problem)
    replayed = leave_out_unrecorded(session.sent, session.driver.busy)
    session.has_controls = session.has_controls and not replayed
    judge_vectors(session)
    if replayed:
        session.partial = NOT_RECORDED
        return
    if session.partial:
        return
    try:
        if session.interruption is not None:
            raise session.interruption
        _go_on(session)
    except TimeIsUp:
        session.partial = f"the time of the run was up (--max-time {session.plan.max_seconds:g})"
        if not session.sent:
            raise HarnessError(f"no answer from the target: {session.partial}") from None
        session.planned = session.planned or work_of(session.plan)
        sent = sum(one.exchange.origin != "control" for one in session.tally.judged)
        session.unsent = max(1, session.planned - sent)


def _send_vectors(session: Session) -> None:
    plan_, driver = session.plan, session.driver
    vectors = _planned(plan_)
    _find_place(session, vectors)
    if is_replayed(session.sent[0].exchange):
        _send_to_replay(session, vectors)
        return
    _find_numbers(session)
    if is_locked_out(session):
        session.partial = REFUSED
        return
    probes = [vector for vector in vectors if vector.probe and _is_declared(plan_.claims, vector)]
    run_vectors(driver, map(session.adapted, probes), session.sent)
    session.methods = plan_.claims.methods or methods_found(session.sent)
    others = [vector for vector in vectors if not vector.probe and _is_wanted(session, vector)]
    run_vectors(driver, map(session.adapted, others), session.sent)
    refuse_endlessly_busy(session, [one.exchange for one in session.sent])


def _send_to_replay(session: Session, vectors: Sequence[Vector]) -> None:
    """Sends *vectors* unchanged: a recording holds each exchange once, so the first lookup is not sent again."""
    first = session.sent.pop()
    place = next((i for i, vector in enumerate(vectors) if vector.request == first.vector.request), 0)
    run_vectors(session.driver, vectors[:place], session.sent)
    session.sent.append(Sent(vectors[place], first.exchange))
    run_vectors(session.driver, vectors[place + 1 :], session.sent)


def _is_declared(claims: Claims, vector: Vector) -> bool:
    return not claims.methods or vector.request["sign"]["method"] in claims.methods


def _is_wanted(session: Session, vector: Vector) -> bool:
    """Whether a vector is sent: with declared numbers, vectors that exist only for another number are left out."""
    number = number_of(vector.request)
    is_plain = vector.request == plain_lookup(number or "")
    return vector.own or not (session.plan.numbers and is_plain and number not in session.plan.numbers)


def _find_place(session: Session, vectors: Sequence[Vector]) -> None:
    """Sends the first lookup; in a run of a few clauses it is one of theirs, to save a request."""
    number = REFERENCE
    if session.plan.numbers:
        number = session.plan.numbers[0]
    elif session.plan.only:
        number = next(filter(None, (number_of(vector.request) for vector in vectors)), REFERENCE)
    vector = _plain_vector(number)
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
        if len(served) < _ENOUGH_SERVED and not are_refused(session.sent):
            session.known = tuple(map(_number_asked, _served([first]))) + served + _ask_for(session, COMMON)


def _ask_for(session: Session, numbers: Iterable[str]) -> tuple[str, ...]:
    """The numbers of *numbers* that are served."""
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
    """Judges all exchanges so far, in order."""
    session.missing = features_missing(session.sent, session.plan.claims)
    session.methods = session.methods or methods_found(session.sent)
    session.take_busy()
    for sent in session.sent:
        session.take(sent.exchange, sent.vector.request, is_offered(session, sent))
    # Where nothing is served, nobody can tell whether a feature is offered.
    denied = session.missing - session.plan.claims.assumed if session.has_served else ()
    for feature in sorted(denied):
        clause_id = feature_clauses()[feature]
        session.tally.add({clause_id: 1}, [missing_finding(session, feature)])


def _go_on(session: Session) -> None:
    refuse_exhausted(session.driver, [one.exchange for one in session.sent])
    if session.plan.claims.throttle is not None and _wants_burst(session.plan):
        judge_limit(session, session.plan.claims.throttle)
    explore(session)


def _wants_burst(plan_: VerifyPlan) -> bool:
    """Whether a clause that is judged needs a burst."""
    return any("throttle" in clause.needs for clause in plan_.clauses)
