"""Failures are asked again for each edition, whichever fails first."""

from __future__ import annotations

from typing import Any

import pytest
from test_recheck import CachedByCountry
from test_right_providers import run_of

from ni_contract.runs import recheck

pytestmark = pytest.mark.usefixtures("few_regions")


class Observed(CachedByCountry):
    """A provider of the observed edition, with the status 3 and the texts of that."""

    def __call__(self, *arguments: Any) -> Any:
        status, content_type, body = super().__call__(*arguments)
        return status, content_type, body.replace(b'"status": 5', b'"status": 3').replace(b"error_", b"status_")


def test_first_failure_of_each_edition_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails only as documented does not take the place of what leads as observed."""
    monkeypatch.setattr(recheck, "MAX_ASKED_AGAIN", 1)
    run = run_of(Observed(), examples=1)
    assert [run.causes[edition][0].clause_id for edition in run.causes] == ["NIB-NUM-005", "NIB-NUM-008"]
    (failing,) = (one for one in run.verdicts["observed"] if one.clause.id == "NIB-NUM-008")
    assert failing.failures[0].alone == recheck.MAY_PASS_ALONE
