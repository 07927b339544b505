"""SIGINT, SIGTERM and SIGHUP end a command in order: work in progress is completed, and a report is written."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, cast

EXIT_BY_SIGNAL = 128
# Cleaning up takes less; after this time another signal interrupts again.
PUT_AWAY_SECONDS = 10.0
# By then a finalizer that swallowed the error has usually ended; if not, the signal is sent once more.
AGAIN_SECONDS = 0.02

Handler = Callable[[int, FrameType | None], Any]


class Interrupted(KeyboardInterrupt):
    """The error raised by a signal that ends the command; *number* is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number

    @property
    def exit_code(self) -> int:
        """130, 143 or 129: the code with which a shell reports a program that this signal ended."""
        return EXIT_BY_SIGNAL + self.number


def signal_of(interrupt: KeyboardInterrupt) -> int:
    """The number of the signal that raised *interrupt*."""
    return getattr(interrupt, "number", signal.SIGINT)


def ended_by(number: int | None) -> int | None:
    """The exit code of a server that the signal *number* ended; None for SIGINT, its usual end."""
    if number is None or number == signal.SIGINT:
        return None
    return EXIT_BY_SIGNAL + number


@contextmanager
def signals_taken_by(handler: Handler) -> Iterator[None]:
    """Makes *handler* handle the signals; in a thread other than the main one, which gets none, it does nothing.

    SIGHUP stays ignored where it was: `nohup` uses that to keep programs alive after their terminal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _numbers()}
    try:
        yield
    finally:
        for number, old in before.items():
            # None: the handler was not set by Python code, and cannot be restored from here.
            signal.signal(number, signal.SIG_DFL if old is None else old)


def _numbers() -> Iterator[int]:
    yield signal.SIGINT
    yield signal.SIGTERM
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


class _Taking:
    """The state of `interruptible`: the time of the last signal, and the one that waits for `uninterrupted` to end."""

    def __init__(self) -> None:
        self.raised_at = -PUT_AWAY_SECONDS
        self.waiting: int | None = None
        self.blocks = 0

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Raises Interrupted, or defers it; signals after the first do not disturb the cleaning up."""
        if time.monotonic() - self.raised_at < PUT_AWAY_SECONDS:
            return
        if self.blocks:
            self.waiting = number
        else:
            self.raised_at = time.monotonic()
            raise Interrupted(number)

    @contextmanager
    def nothing_lost(self) -> Iterator[None]:
        """Sends the signal again whose error was swallowed: Python does so in finalizers and callbacks of weakref."""
        before = sys.unraisablehook

        def hook(found: "sys.UnraisableHookArgs") -> None:
            if not isinstance(found.exc_value, Interrupted):
                before(found)
                return
            self.raised_at = -PUT_AWAY_SECONDS
            again = threading.Timer(AGAIN_SECONDS, _send, [found.exc_value.number])
            again.daemon = True
            again.start()

        sys.unraisablehook = hook
        try:
            yield
        finally:
            sys.unraisablehook = before


def _send(number: int) -> None:
    """Sends the signal *number* to the main thread, whose waiting for input or output it ends."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(cast("int", threading.main_thread().ident), number)
    else:
        signal.raise_signal(number)


_taking = _Taking()


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises Interrupted in the main thread at the first signal."""
    global _taking
    before, _taking = _taking, _Taking()
    try:
        with signals_taken_by(_taking.take), _taking.nothing_lost():
            yield
    finally:
        _taking = before


def is_signal_deferred() -> bool:
    """Whether a signal came within `uninterrupted`, so that what takes long there should end."""
    return _taking.waiting is not None


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Defers a signal to the end of the block, whose work is not left half done.

    The block has to be short, or to ask `is_signal_deferred`.
    """
    taking = _taking if threading.current_thread() is threading.main_thread() else _Taking()
    taking.blocks += 1
    try:
        yield
    finally:
        taking.blocks -= 1
        waiting, taking.waiting = taking.waiting, None
        if waiting is not None:
            taking.take(waiting, None)
