"""Signed lookups whose timestamps are all the same."""

from __future__ import annotations

from dataclasses import replace

from lookup_records import GOOD, RIGHT, SIGNED, record
from mutants.clients import NOW, NUMBER, signed

from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.exchanges.values import Request
from ni_contract.runs.witness import still_timestamps


def at(moment: float, request: Request = SIGNED) -> LookupRecord:
    """A signed lookup that is asked at *moment*."""
    seen = record([RIGHT], GOOD, request)
    return replace(seen, exchanges=(replace(seen.exchanges[0], sent_at=moment),))


def test_timestamp_that_stands_still() -> None:
    (note,) = still_timestamps([at(NOW + halves / 2) for halves in range(8)])
    assert note.startswith(f"8 lookups over 3.5 s have the timestamp '{NOW}'")


def test_timestamp_of_one_second() -> None:
    assert not list(still_timestamps([at(NOW + hundredths / 100) for hundredths in range(100)]))


def test_few_requests_that_waited() -> None:
    """A busy machine may hold up a request in each process of the client."""
    assert not list(still_timestamps([at(NOW), *(at(NOW + 3) for _ in range(4))]))


def test_timestamp_of_each_request() -> None:
    assert not list(
        still_timestamps([at(NOW + second, signed(NUMBER, timestamp=NOW + second)) for second in range(20)])
    )
