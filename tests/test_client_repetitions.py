"""Clients that ask again: after which answers they may, and how a report shows what they should not have asked."""

from __future__ import annotations

from typing import Any

import pytest
from mutants.lookups import only_if
from mutants.right_clients import Client, Reply
from mutants.witnessed import ANSWERED
from test_client_faults import broken, run_of

from ni_contract.drivers.client.server import Server
from ni_contract.exchanges.client_lookup import Outcome
from ni_contract.judge.verdicts import FAIL
from ni_contract.report.failure import failure_text

pytestmark = pytest.mark.slow


class AsksAgainWithoutAnswer(Client):
    """A client that asks again where no answer of the API came, and where a success lacks its facts."""

    def __call__(self, server: Server, number: str, country: str | None = None) -> Outcome:
        told = super().__call__(server, number, country)
        if told.ok or told.status is not None:
            return told
        return super().__call__(server, number, country)


def test_what_is_no_answer_may_be_asked_for_again() -> None:
    assert not broken(run_of(AsksAgainWithoutAnswer()))


class KnowsShortStatuses(AsksAgainWithoutAnswer):
    """A client that takes an answer for a broken one whose status is not of one to three digits."""

    def is_status(self, status: object) -> bool:
        return isinstance(status, int) and not isinstance(status, bool) and status in range(1_000)


def test_unheard_of_status_may_be_no_answer() -> None:
    assert not broken(run_of(KnowsShortStatuses()))


class AsksAgainForStatuses(KnowsShortStatuses):
    """A client that also takes an answer for a broken one whose status has three digits."""

    def is_status(self, status: object) -> bool:
        return super().is_status(status) and status not in range(100, 1_000)


def test_status_of_three_digits_is_an_answer() -> None:
    assert "NIB-CLI-021" in broken(run_of(AsksAgainForStatuses()))


class AsksAgainForWhatItCannotRead(AsksAgainWithoutAnswer):
    """A client that cannot read an escaped slash."""

    def parsed(self, reply: Reply) -> Any:
        return super().parsed(only_if(lambda one: rb"\/" not in one.body, reply))


def test_unread_answer_leads_its_repetition() -> None:
    """The request after an answer is shown by that answer, but it is the same lookup that both break."""
    cases = [case for case in ANSWERED if case.id in ("plain", "escaped-slash")]
    causes = run_of(AsksAgainForWhatItCannotRead(), cases).causes["documented"]
    assert [(one.clause_id, one.explains) for one in causes] == [("NIB-CLI-023", ("NIB-CLI-021",))]


class AsksOnceMore(Client):
    """A client that asks again with another parameter."""

    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        super().send(server, params)
        return super().send(server, [*params, ("cnam", "false")])


def test_another_last_request_is_shown() -> None:
    run = run_of(AsksOnceMore(), ANSWERED[:1])
    verdict = next(one for one in run.verdicts["documented"] if one.word == FAIL)
    rows = [line.split() for line in failure_text(run, verdict).splitlines()]
    assert [row[0] for row in rows if "cnam=false" in row] == ["last"]
