"""Status 1 by a real rate limit, status 9 by a real quota. Section: Keys and Values, status."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

_WINDOW_SECONDS: Final = 1.0


class Throttle:
    """Allows at most *rate* requests in any one second; refused ones do not count."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._served: deque[float] = deque(maxlen=rate)

    def admits(self) -> bool:
        """Whether one more request is allowed now; if so, it is counted."""
        now, served = self._clock(), self._served
        if len(served) == served.maxlen and 0 <= now - served[0] < _WINDOW_SECONDS:
            return False
        # Clock moved backwards, so the oldest request lies in the future: restart the window.
        if served and now < served[-1]:
            served.clear()
        served.append(now)
        return True


class Quota:
    """Credit for *amount* successes."""

    def __init__(self, amount: int) -> None:
        self._left = amount

    @property
    def is_exhausted(self) -> bool:
        """Whether no credit is left."""
        return self._left <= 0

    def charge(self) -> None:
        """Deducts the credit for one success."""
        self._left -= 1
