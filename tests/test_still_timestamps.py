"""Signed lookups whose timestamps are all the same."""

from __future__ import annotations

from dataclasses import replace

from lookup_records import GOOD, RIGHT, SIGNED, record
from mutants.clients import ACCOUNT, NOW, NUMBER, signed

from ni_contract.exchanges.client_lookup import LookupRecord
from ni_contract.exchanges.values import Request
from ni_contract.judge.client_judge import ClientJudge


def at(moment: float, request: Request = SIGNED) -> LookupRecord:
    """A signed lookup that is asked at *moment*."""
    seen = record([RIGHT], GOOD, request)
    return replace(seen, exchanges=(replace(seen.exchanges[0], sent_at=moment),))


def found(records: list[LookupRecord]) -> list[str]:
    """The actual values of what breaks NIB-CLI-013."""
    judge = ClientJudge(ACCOUNT)
    broken = [one for seen in records for one in judge.lookup(seen)]
    return [one.finding.actual for one in broken if one.clause_id == "NIB-CLI-013"]


def test_timestamp_that_stands_still() -> None:
    assert found([at(NOW + halves / 2) for halves in range(8)]) == [f"'{NOW}', as in 8 lookups over 3.5 s"]


def test_timestamp_of_one_second() -> None:
    assert not found([at(NOW + hundredths / 100) for hundredths in range(100)])


def test_few_requests_that_waited() -> None:
    """A busy machine may hold up a request in each process of the client."""
    assert not found([at(NOW), *(at(NOW + 3) for _ in range(4))])


def test_timestamp_of_each_request() -> None:
    assert not found([at(NOW + second, signed(NUMBER, timestamp=NOW + second)) for second in range(20)])
