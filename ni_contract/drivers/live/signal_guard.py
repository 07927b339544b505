"""Signals during a live run: the current request is finished and recorded, and no other is sent."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

from ni_contract.interruption import Interrupted, signals_taken_by


class SignalGuard(ExitStack):
    """A context manager for signals: pauses end at once, an exchange ends at the second signal."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._pause = sleep
        self._asked: int | None = None
        self._pausing = False

    def __enter__(self) -> "SignalGuard":
        self.enter_context(signals_taken_by(self._take))
        return self

    def _take(self, number: int, _frame: FrameType | None) -> None:
        again, self._asked = self._asked is not None, number
        if again or self._pausing:
            raise Interrupted(number)

    def check(self) -> None:
        """Raises Interrupted when a signal has come."""
        if self._asked is not None:
            raise Interrupted(self._asked)

    def sleep(self, seconds: float) -> None:
        """Pauses for *seconds*. Raises Interrupted as soon as a signal comes."""
        self._pausing = True
        try:
            self.check()
            self._pause(seconds)
        finally:
            self._pausing = False
