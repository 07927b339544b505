"""The target of `verify` without a target: the simulator in both editions, each judged by its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from ni_contract.contract.catalogue import EDITIONS
from ni_contract.drivers.provider.http_target import AsgiTarget
from ni_contract.runs.run import EMBEDDED_NAME, Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify
from ni_contract.simulator import Settings, create_app


@dataclass(slots=True)
class VirtualClock:
    """A clock that moves only when the code sleeps, so that rate limits are tested without waiting."""

    now: float

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def verify_embedded(plan: VerifyPlan, timeout: float, progress: Callable[[int], None] = lambda _count: None) -> Run:
    """The run against the simulator of each edition; each edition has the verdicts on its own simulator."""
    runs: dict[str, Run] = {}
    for edition in EDITIONS:
        runs[edition] = _verify_edition(edition, plan, timeout, progress)
        if runs[edition].signal is not None:
            break
    last = list(runs.values())[-1]
    by_edition = {edition: runs.get(edition, last) for edition in EDITIONS}
    return replace(
        runs[EDITIONS[0]],
        verdicts={edition: run.verdicts[edition] for edition, run in by_edition.items()},
        results={edition: run.results[edition] for edition, run in by_edition.items()},
        causes={edition: run.causes[edition] for edition, run in by_edition.items()},
        discoveries=tuple(chain.from_iterable(run.discoveries for run in runs.values())),
        notes=tuple(dict.fromkeys(chain.from_iterable(run.notes for run in runs.values()))),
        exchanges=tuple(chain.from_iterable(run.exchanges for run in runs.values())),
        requests=sum(run.requests for run in runs.values()),
        seconds=sum(run.seconds for run in runs.values()),
        error=next((run.error for run in runs.values() if run.error), ""),
        signal=last.signal,
        is_cut=any(run.is_cut for run in runs.values()),
    )


def _verify_edition(edition: str, plan: VerifyPlan, timeout: float, progress: Callable[[int], None]) -> Run:
    clock = VirtualClock(time.time())
    settings = Settings(edition=edition, credentials=plan.account, rate=plan.claims.throttle, clock=clock)
    target = AsgiTarget(create_app(settings), EMBEDDED_NAME, timeout)
    try:
        return verify(target, plan, progress, clock, clock.sleep)
    finally:
        target.close()
