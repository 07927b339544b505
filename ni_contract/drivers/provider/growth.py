"""The number of requests under way at once, which grows while a slow target answers more of them a second."""

from dataclasses import dataclass
from typing import Final

from ni_contract.clock import RealClock

# Twice as many requests at once are worth while if at least so many times as many answers come a second.
MIN_GAIN: Final = 1.2


@dataclass(slots=True)
class Growth:
    """Counts answers, and the seconds in which they came, since the number of requests under way changed."""

    answers: int = 0
    _began: float = 0.0
    _rate: float = 0.0
    _was_slow: bool = False

    def begin(self) -> None:
        """Counts anew: from here on answers come one after the other."""
        self.answers, self._began = 0, RealClock.monotonic()

    def answered(self, is_slow: bool, jobs: int, most: int) -> tuple[int, int]:
        """Counts an answer, which was awaited or already there; the result is that of `next`, or *jobs* and *most*."""
        self.answers += 1
        # An answer that is there when a slow one has come: the target works at several requests at once.
        works_at_several = self._was_slow and not is_slow
        self._was_slow = is_slow
        return self.next(jobs, most) if works_at_several else (jobs, most)

    def next(self, jobs: int, most: int) -> tuple[int, int]:
        """The number of requests under way after *jobs*, and the most that may be; half where *jobs* gain nothing."""
        if self.answers < 2 * jobs or jobs == most:
            return jobs, most
        rate = self.answers / max(RealClock.monotonic() - self._began, 1e-9)
        if rate < MIN_GAIN * self._rate:
            return jobs // 2, jobs // 2
        self._rate = rate
        self.begin()
        return min(2 * jobs, most), most
