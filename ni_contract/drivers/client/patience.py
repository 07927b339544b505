"""How long the outcome of a lookup is waited for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from ni_contract.clock import RealClock

# A lookup with more requests than these, or a longer one, is not waited for any more.
MAX_REQUESTS: Final = 200
MAX_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1


class Patience:
    """Waits *seconds* from now, and again from each request that comes, for at most `MAX_SECONDS` in all.

    *requests* counts the requests of the lookup; *end* is when, by `RealClock`, the run is over.
    """

    def __init__(
        self, seconds: float, requests: Callable[[], int] = lambda: 0, end: Callable[[], float] = lambda: math.inf
    ) -> None:
        self.seconds = seconds
        self._requests, self._end = requests, end
        self._count = 0
        self._start = self._since = RealClock.monotonic()

    def allow(self, seconds: float) -> None:
        """Waits *seconds* longer for the first request, of a client that has to start."""
        self._start += seconds
        self._since += seconds

    def left(self) -> float:
        """Seconds that are left, 0 or less where there is nothing to wait for any more."""
        now, count = RealClock.monotonic(), self._requests()
        if count != self._count:
            self._count, self._since = count, now
        if count >= MAX_REQUESTS:
            return 0.0
        return min(self._since + self.seconds, self._start + MAX_SECONDS, self._end()) - now

    def until_next_look(self) -> float:
        """Seconds to wait before `left` is asked again."""
        return max(0.0, min(self.left(), LOOK_SECONDS))

    def words(self) -> str:
        """What has been waited for in vain."""
        if self._count >= MAX_REQUESTS:
            return f"no outcome came within {MAX_REQUESTS} requests"
        return f"no outcome came within {self.seconds:g} s" + (" of the latest request" if self._count else "")
