"""Failures are asked again for each edition, whichever fails first."""

from __future__ import annotations

import re
from typing import Any

import pytest
from right.plain import Provider, Refused
from test_right_providers import run_of

from ni_contract.runs import recheck

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_regions")]


class CachedByCountry(Provider):
    """A provider that keeps the facts of a number, or its refusal, by its digits and a country."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[Any, Any] = {}

    def look_up(self, number: Any, country: Any) -> Any:
        key = re.sub("[^0-9]", "", number or ""), country
        if not country or key not in self.kept:
            self.kept[key] = self.looked_up(number, country)
        if isinstance(self.kept[key], Refused):
            raise self.kept[key]
        return self.kept[key]

    def looked_up(self, number: Any, country: Any) -> Any:
        try:
            return super().look_up(number, country)
        except Refused as refused:
            return refused


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
