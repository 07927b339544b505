"""The guard of all tests, but for what Ray tries at each start: its dashboard asks in which cloud it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import network_guard
import pytest


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    yield
    noted = Path(os.environ[network_guard.VARIABLE])
    others = [line for line in noted.read_text("utf-8").splitlines(keepends=True) if "ray/dashboard/" not in line]
    noted.write_text("".join(others), "utf-8")
    if others:
        pytest.fail("".join(others), pytrace=False)
