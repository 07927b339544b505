"""Requests that provoke a declared limit: a burst that reaches and leaves it, and as many as are served for a while."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Final

from ni_contract.contract.vocabulary import most_served
from ni_contract.drivers.provider.controls import Fields
from ni_contract.drivers.provider.driver import BUSY_PAUSE_SECONDS, Driver, is_busy
from ni_contract.exchanges.values import Exchange

# The vectors of a burst: a lookup, one with wrong credentials, and one without number.
VECTORS: Final = {"served": "london-json", "credentials": "wrong-secret", "number": "missing-number"}
_MIN_SUSTAINED_SECONDS: Final = 3.95
_MAX_EXACT_RATE: Final = 6  # a second; above it, one request more than permitted would take too long to tell
MAX_SUSTAINED_RATE: Final = 50  # a second; above it, this would take too many requests
_POLL_SECONDS: Final = 0.05


def _sustained_seconds(rate: int) -> float:
    """The time after which a limit of one request more than *rate* a second has let pass more than any of *rate*."""
    if rate > _MAX_EXACT_RATE:
        return _MIN_SUSTAINED_SECONDS
    return max(rate + 0.95, _MIN_SUSTAINED_SECONDS)


def burst_size(rate: int) -> int:
    """About the number of requests that `run_burst` and `run_sustained` send to a limit of *rate* requests a second."""
    burst = 2 * rate + 7
    if rate > MAX_SUSTAINED_RATE:
        return burst
    return burst + most_served(rate, _sustained_seconds(rate)) + _polls(rate)


def _polls(rate: int) -> int:
    return round(_sustained_seconds(rate) / _POLL_SECONDS)


def run_burst(driver: Driver, rate: int, fields: Mapping[str, Fields]) -> list[Exchange]:
    """Sends more requests in a second than *rate* permits, wrong ones while busy, and one request a second later.

    *fields* are the requests of `VECTORS`.
    """
    send, served = _sender(driver), fields["served"]
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges = []
    for _ in range(2 * rate + 2):
        exchanges.append(send(served))
        if is_busy(exchanges[-1]):
            exchanges.extend(send(fields[which]) for which in ("credentials", "served", "number", "served"))
            break
    driver.sleep(BUSY_PAUSE_SECONDS)
    exchanges.append(send(served))
    return exchanges


def run_sustained(driver: Driver, rate: int, ways: Sequence[Fields]) -> list[Exchange]:
    """Sends lookups for some seconds as fast as they are served, to count how many a limit lets pass.

    *ways* are lookups in all ways that are offered, which are sent in turn.
    """
    send, begun, way = _sender(driver), driver.clock(), cycle(ways)
    exchanges: list[Exchange] = []
    seconds = _sustained_seconds(rate)
    served, most = 0, most_served(rate, seconds)
    while driver.clock() - begun < seconds and served <= most + 1 and len(exchanges) - served < _polls(rate):
        exchanges.append(send(next(way)))
        if is_busy(exchanges[-1]):
            driver.sleep(_POLL_SECONDS)
        else:
            served += 1
    return exchanges


def _sender(driver: Driver) -> Callable[[Fields], Exchange]:
    """Returns a function that sends a request without a pace."""
    unpaced = Driver(driver.target, driver.account, None, driver.sleep, driver.clock, progress=driver.progress)

    def send(fields: Fields) -> Exchange:
        driver.requests += 1
        return unpaced.send(unpaced.build(fields), "burst")

    return send
