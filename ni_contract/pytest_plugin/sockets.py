"""Sockets that pytest-socket blocks, reported in one sentence with the cause and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ni_contract.exchanges.sending import BLOCKED, is_blocked_socket


@contextmanager
def blocked_sockets_explained() -> Iterator[None]:
    """Fails the test with one sentence where pytest-socket blocks a socket inside."""
    try:
        yield
    except RuntimeError as error:
        if not is_blocked_socket(error):
            raise
        pytest.fail(f"ni-contract: {BLOCKED}", pytrace=False)
