"""Simulators for the client's tests: one of each edition, shared by a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ni_contract.simulator import RunningSimulator, Settings


@pytest.fixture(scope="module")
def simulators() -> Iterator[dict[str, RunningSimulator]]:
    """The running simulators by edition."""
    with RunningSimulator() as documented, RunningSimulator(Settings(edition="observed")) as observed:
        yield {"documented": documented, "observed": observed}
