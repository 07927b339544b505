"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_SECONDS = 120.0


def until(holds: Callable[[], bool]) -> None:
    """Waits until *holds* does; fails after two minutes."""
    end = time.monotonic() + MAX_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
