"""Requests that provoke a declared limit: a burst that reaches and leaves it, and as many as are served for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ni_contract.contract.vocabulary import most_served
from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, Driver, is_busy
from ni_contract.drivers.provider.vectors import build_request
from ni_contract.exchanges.values import Exchange

SUSTAINED_SECONDS: Final = 3.95
MAX_SUSTAINED_RATE: Final = 50  # a second; above it, this would take too many requests
_POLL_SECONDS: Final = 0.05


def burst_size(rate: int) -> int:
    """The maximum number of requests that `run_burst` sends to reach and leave a limit of *rate* requests a second."""
    return 2 * rate + 7


def run_burst(driver: Driver, rate: int, fields: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """Sends more requests in a second than *rate* permits, wrong ones while busy, and one request a second later.

    *fields* are the requests of a lookup ("served"), one with wrong credentials and one without number.
    """
    send = _sender(driver, fields)
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges = []
    for _ in range(2 * rate + 2):
        exchanges.append(send("served"))
        if is_busy(exchanges[-1]):
            exchanges.extend(send(which) for which in ("credentials", "served", "number", "served"))
            break
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges.append(send("served"))
    return exchanges


def run_sustained(driver: Driver, rate: int, fields: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """Sends lookups for some seconds as fast as they are served, to count how many a limit lets pass."""
    send, begun = _sender(driver, fields), driver.clock()
    exchanges: list[Exchange] = []
    served, most = 0, most_served(rate, SUSTAINED_SECONDS)
    polls = round(SUSTAINED_SECONDS / _POLL_SECONDS)
    while driver.clock() - begun < SUSTAINED_SECONDS and served <= most + 1 and len(exchanges) - served < polls:
        exchanges.append(send("served"))
        if is_busy(exchanges[-1]):
            driver.sleep(_POLL_SECONDS)
        else:
            served += 1
    return exchanges


def _sender(driver: Driver, fields: Mapping[str, Mapping[str, Any]]) -> Callable[[str], Exchange]:
    """Returns a function that sends one of *fields* without a pace."""
    unpaced = Driver(driver.target, driver.account, None, driver.sleep, driver.clock, progress=driver.progress)

    def send(which: str) -> Exchange:
        driver.requests += 1
        request = build_request(fields[which], driver.target.base_url, driver.account, driver.clock())
        return unpaced.send(request, "burst")

    return send
