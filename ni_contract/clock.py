"""The machine's own clock, for waiting: a test that freezes time replaces the functions of `time`, and waits must end.

The functions are kept in a class, since such a test also replaces what modules have imported by name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class RealClock:
    """`time.monotonic` and `time.sleep` as they were when this module was imported."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


def on_real_time(
    factory: Callable[[], asyncio.AbstractEventLoop] | None,
) -> Callable[[], asyncio.AbstractEventLoop]:
    """A factory of event loops as *factory* makes them (None: asyncio's own), whose timers follow `RealClock`."""

    def make() -> asyncio.AbstractEventLoop:
        loop = (factory or asyncio.new_event_loop)()
        # uvloop reads the clock itself, and takes no attribute.
        if isinstance(loop, asyncio.BaseEventLoop):
            loop.time = RealClock.monotonic  # type: ignore[method-assign]
        return loop

    return make
