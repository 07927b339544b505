"""How much the tests try of what has too many cases for each run: a sample, or with NI_EVERYTHING=1 all of it."""

from __future__ import annotations

import os

EVERYTHING = bool(os.environ.get("NI_EVERYTHING"))


def draws(usual: int, whole: int) -> int:
    """The number of cases to draw: *usual* in each run, *whole* in `tox -e everything`."""
    return whole if EVERYTHING else usual
