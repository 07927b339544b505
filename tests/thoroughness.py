"""How much the tests try of what has too many cases for each run: a sample, or with NI_EVERYTHING=1 all of it."""

from __future__ import annotations

import os

import pytest

from ni_contract.drivers.provider.sweep import lookups_of_all_regions
from ni_contract.runs import explore

EVERYTHING = bool(os.environ.get("NI_EVERYTHING"))


def draws(usual: int, whole: int) -> int:
    """The number of cases to draw: *usual* in each run, *whole* in `tox -e everything`."""
    return whole if EVERYTHING else usual


def ask_few_regions(patch: pytest.MonkeyPatch, every: int = 10) -> None:
    """Has `verify` ask about every tenth number of all regions: enough where one answer of a kind is."""
    patch.setattr(explore, "lookups_of_all_regions", lambda: lookups_of_all_regions()[::every])
