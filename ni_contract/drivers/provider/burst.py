"""A burst of requests that provokes a declared limit, and leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, Driver, is_busy
from ni_contract.drivers.provider.vectors import build_request
from ni_contract.exchanges.values import Exchange


def burst_size(rate: int) -> int:
    """The maximum number of requests that `run_burst` sends to reach and leave a limit of *rate* requests a second."""
    return 2 * rate + 7


def run_burst(driver: Driver, rate: int, fields: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """Sends more requests in a second than *rate* permits, wrong ones while busy, and one request a second later.

    *fields* are the requests of a lookup ("served"), one with wrong credentials and one without number.
    """
    unpaced = Driver(driver.target, driver.account, None, driver.sleep, driver.clock, progress=driver.progress)

    def send(which: str) -> Exchange:
        request = build_request(fields[which], driver.target.base_url, driver.account, driver.clock())
        return unpaced.send(request, "burst")

    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges = []
    for _ in range(2 * rate + 2):
        exchanges.append(send("served"))
        if is_busy(exchanges[-1]):
            exchanges.extend(send(which) for which in ("credentials", "served", "number", "served"))
            break
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges.append(send("served"))
    driver.requests += unpaced.requests
    return exchanges
