"""Status 1 by the rate, status 9 by the quota."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.conftest import Clock, Simulate

from ni_contract.errors import UsageError
from ni_contract.simulator import Settings

NUMBER = "441632960960"


def test_busy_ends_after_one_second(simulate: Simulate, clock: Clock) -> None:
    """Above the rate the answer is busy, and a second later it is served."""
    ask = simulate(rate=2, clock=clock)
    assert [ask.number(NUMBER).status for _ in range(4)] == [0, 0, 1, 1]
    clock.now += 1
    assert [ask.number(NUMBER).status for _ in range(3)] == [0, 0, 1]


def test_no_second_exceeds_rate(simulate: Simulate, clock: Clock) -> None:
    """No second holds more requests than the rate."""
    ask = simulate(rate=2, clock=clock)
    statuses = []
    for _ in range(6):
        statuses.append(ask.number(NUMBER).status)
        clock.now += 0.4
    assert statuses == [0, 0, 1, 0, 0, 1]


def test_clock_set_back_does_not_block(simulate: Simulate, clock: Clock) -> None:
    ask = simulate(rate=1, clock=clock)
    assert ask.number(NUMBER).status == 0
    clock.now -= 3600
    assert [ask.number(NUMBER).status for _ in range(2)] == [0, 1]


def test_exceeded_quota_gets_status_9(simulate: Simulate) -> None:
    ask = simulate(quota=2)
    assert [ask.number(NUMBER).status for _ in range(4)] == [0, 0, 9, 9]


def test_what_was_no_success_costs_nothing(simulate: Simulate) -> None:
    ask = simulate(quota=1)
    assert [ask.number(n).status for n in ("12", "", NUMBER, NUMBER)] == [5, 3, 0, 9]


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 0},
        {"quota": -1},
        {"edition": "newest"},
        {"admin_path": "/ni"},
        {"admin_path": "/ni/basic"},
        {"admin_path": "/ni/basic/json/admin"},
        {"admin_path": "admin"},
        {"admin_path": "/"},
        {"script": [{"status": "9"}]},
    ],
)
def test_invalid_settings_are_refused(settings: Any) -> None:
    with pytest.raises(UsageError):
        Settings(**settings)


def test_settings_show_no_secret() -> None:
    assert "12ab34cd" not in repr(Settings())
