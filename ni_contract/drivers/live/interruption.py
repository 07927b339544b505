"""Ctrl-C and SIGTERM during a live run: what is under way is finished and recorded, and nothing more is sent."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """The run was asked to end; *number* is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class SignalGuard:
    """A context manager that takes the two signals: pauses end at once, an exchange only at the second signal.

    In a thread other than the main one, which gets no signals, it does nothing.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._pause = sleep
        self._asked: int | None = None
        self._pausing = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> SignalGuard:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._take) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

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
