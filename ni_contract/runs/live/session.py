"""A live run: the plan is sent, recorded and judged, even when the run ends early."""

import time
from collections.abc import Callable
from dataclasses import replace

from ni_contract.drivers.live.driver import DEFAULT_RATE, BudgetSpent, LiveDriver, why_not
from ni_contract.drivers.live.redacted_exchange import recorded
from ni_contract.drivers.live.signal_guard import SignalGuard
from ni_contract.drivers.provider.target import Target
from ni_contract.drivers.provider.vectors import Vector
from ni_contract.errors import HarnessError
from ni_contract.exchanges.log_redaction import masked_logs
from ni_contract.exchanges.values import Exchange
from ni_contract.interruption import Interrupted
from ni_contract.runs.live.planning import LivePlan
from ni_contract.runs.live.recording_file import RecordingFile
from ni_contract.runs.provider_run import finish
from ni_contract.runs.run import Run
from ni_contract.runs.session import Session, VerifyPlan
from ni_contract.runs.verify import NOT_SENT, judge_vectors

_BUDGET_SPENT = "the budget was spent on asking again while the API was busy"


def run_live(
    target: Target,
    plan: VerifyPlan,
    live_plan: LivePlan,
    record: str | None = None,
    progress: Callable[[int], None] = lambda _count: None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    deviations_name: str | None = None,
) -> Run:
    """Sends *live_plan* to *target* and judges the answers; *record* is the HAR file to write, see `RecordingFile`.

    Never raises for a fault of the target or a signal: the run has the reason.
    Raises HarnessError when the recording cannot be begun; a later failure of the recording ends the run.
    """
    start = time.monotonic()
    file = RecordingFile(record) if record is not None else None
    guard, rate = SignalGuard(sleep), plan.rate or DEFAULT_RATE
    driver = LiveDriver(target, plan.account, rate, guard.sleep, clock, budget=live_plan.budget, interruption=guard)
    if file is not None:
        driver.record = _recorder(file, target, plan)
    session = Session(target, plan, driver, deviations_name or target.name, reasons=dict(live_plan.untested))
    session.partial = NOT_SENT
    with masked_logs(plan.account.redactor()), guard:
        error, number = _send(driver, live_plan, session, progress)
        judge_vectors(session)
    run = finish(session, time.monotonic() - start, error or _unanswered_text(driver))
    kept = file.finish(len(session.sent), len(live_plan.steps)) if file is not None else ""
    return replace(run, command="live", signal=number, notes=(*run.notes, *filter(None, [kept])))


def _send(
    driver: LiveDriver, live_plan: LivePlan, session: Session, progress: Callable[[int], None]
) -> tuple[str, int | None]:
    """The reason why the run ended early, "" when it did not, and the signal if that was the reason."""
    try:
        for step in live_plan.steps:
            sent = driver.send_step(step)
            if sent is not None:
                session.sent.append(sent)
            progress(1)
    except BudgetSpent:
        session.partial = _BUDGET_SPENT
    except HarnessError as problem:
        return str(problem), None
    except Interrupted as interrupted:
        return f"interrupted ({interrupted}) after {driver.requests} requests", interrupted.number
    else:
        session.partial = "no answer of the API checked it"
    return "", None


def _recorder(file: RecordingFile, target: Target, plan: VerifyPlan) -> Callable[[Vector, Exchange, float], None]:
    def record(vector: Vector, exchange: Exchange, seconds: float) -> None:
        file.add(recorded(vector, exchange, target.base_url, plan.account), seconds, {"vector": vector.id})

    return record


def _unanswered_text(driver: LiveDriver) -> str:
    """A note on requests without an answer of the API, which are not judged."""
    missing = driver.unanswered
    if not missing:
        return ""
    whys = ", ".join(dict.fromkeys(map(why_not, missing)))
    return f"{len(missing)} of {driver.requests} requests got no answer of the API: {whys}"
