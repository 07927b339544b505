"""The text of status 3 in refusals with other statuses."""

from __future__ import annotations

import pytest
from edges import JSON, REFUSED, changed, places
from mutants.clients import ACCOUNT, NOW

from ni_contract.exchanges.values import Exchange
from ni_contract.judge import Judge

TEXT_OF_3 = "Your request is incomplete and is missing some mandatory parameters"


# Status 4 may say so of credentials that are missing.
@pytest.mark.parametrize(("status", "is_of_another"), [(3, False), (4, False), (5, True), (9, True)])
def test_text_of_status_3_fits(status: int, is_of_another: bool) -> None:
    answer = changed(REFUSED, status=status, error_text=TEXT_OF_3)
    broken = places(Judge(ACCOUNT).provider(Exchange(JSON, answer, "provider", NOW)))
    assert ("NIB-ERR-006" in broken) == is_of_another
