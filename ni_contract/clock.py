"""The real clock, for waiting: tests that freeze time replace the functions of `time`, and waits must still end.

The functions are attributes of a class, because such tests also replace names that modules have imported.
"""

import asyncio
import time
from collections.abc import Callable


class RealClock:
    """`time.monotonic` and `time.sleep` as they were when this module was imported."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


def on_real_time(factory: Callable[[], asyncio.AbstractEventLoop] | None) -> Callable[[], asyncio.AbstractEventLoop]:
    """A factory of event loops as *factory* makes them (None: asyncio's own), whose timers follow `RealClock`."""

    def make() -> asyncio.AbstractEventLoop:
        loop = (factory or asyncio.new_event_loop)()
        # uvloop reads the system's clock itself, and accepts no new attribute.
        if isinstance(loop, asyncio.BaseEventLoop):
            loop.time = RealClock.monotonic  # type: ignore[method-assign]
        return loop

    return make
