"""The progress of `verify` counts the requests that are sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from direct import direct_app
from test_reports import NOW, everything_of

from ni_contract.exchanges.credentials import Credentials
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.verify import verify, work_of
from ni_contract.simulator import Settings, create_app


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "throttle"), [(0, None), (0, 5), (20, None)])
def test_each_request_is_counted(examples: int, throttle: int | None) -> None:
    plan = everything_of(Credentials(), examples)
    plan = replace(plan, claims=replace(plan.claims, throttle=throttle))
    clock, steps = VirtualClock(NOW), list[int]()
    target = direct_app(create_app(Settings(rate=throttle, clock=clock)))
    run = verify(target, plan, steps.append, clock, clock.sleep)
    assert sum(steps) == run.requests
    assert work_of(plan) == pytest.approx(run.requests, rel=0.1)
