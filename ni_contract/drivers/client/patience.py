"""Time limits of waiting for the outcome of a lookup."""

import math
from collections.abc import Callable
from typing import Final

from ni_contract.clock import RealClock

# A lookup with more requests than this, or a longer one, is abandoned.
MAX_REQUESTS: Final = 200
MAX_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1
# A client that is asked to try again later may wait in between.
RETRY_SECONDS: Final = 20.0
# A client that reported nothing in time so often gets this many seconds from its request on, if the answer comes at
# once; and those of FIRST_SECONDS for the request, since it is started anew, perhaps on a busy machine.
HURRIED: Final = ((8, 0.5), (2, 1.5))
FIRST_SECONDS: Final = 5.0


class Patience:
    """Waits *seconds* from now, and again from each request that comes, for at most `MAX_SECONDS` in all.

    *requests* counts the requests of the lookup; *end* is when, by `RealClock`, the run is over.
    """

    def __init__(
        self, seconds: float, requests: Callable[[], int] = lambda: 0, end: Callable[[], float] = lambda: math.inf
    ) -> None:
        self.seconds = seconds
        self._requests, self._end = requests, end
        self._count, self._allowed = 0, 0.0
        self._start = self._since = RealClock.monotonic()

    def allow(self, seconds: float) -> None:
        """Extends the wait for the first request by *seconds*, for a client that has to start."""
        self._allowed += seconds
        self._start += seconds
        self._since += seconds

    def left(self) -> float:
        """The seconds left; 0 or less means that the wait is over."""
        now, count = RealClock.monotonic(), self._requests()
        if count != self._count:
            self._count, self._since = count, now
        if count >= MAX_REQUESTS:
            return 0.0
        return min(self._since + self.seconds, self._start + MAX_SECONDS, self._end()) - now

    def until_next_look(self) -> float:
        """The seconds until `left` is to be asked again."""
        return max(0.0, min(self.left(), LOOK_SECONDS))

    def words(self) -> str:
        """A phrase for the event that did not come."""
        if self._count >= MAX_REQUESTS:
            return f"no outcome came within {MAX_REQUESTS} requests"
        if self._count:
            return f"no outcome came within {self.seconds:g} s of the latest request"
        return f"no outcome came within {self.seconds + self._allowed:g} s"
