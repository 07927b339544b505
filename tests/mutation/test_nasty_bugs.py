"""Nasty bugs of providers are caught, and the first clause that is shown fits; NI_EVERY_BUG=1 tries all of them."""

from __future__ import annotations

import os

import pytest
from mutants.nasty_bugs import NASTY_BUGS, NODE, source_of
from mutation.judge_providers import noticed_in_python, programs

STEP = 1 if os.environ.get("NI_EVERY_BUG") else 6
IN_PYTHON = [name for name, bug in NASTY_BUGS.items() if bug.program != NODE]


@pytest.mark.parametrize("name", IN_PYTHON[::STEP])
def test_first_clause_fits(name: str) -> None:
    bug = NASTY_BUGS[name]
    first = noticed_in_python(bug.program, source_of(bug, programs()[bug.program])) or "none"
    assert first.split()[0] in bug.fits.split()


def test_every_bug_changes_its_program() -> None:
    for bug in NASTY_BUGS.values():
        assert source_of(bug, programs()[bug.program]) != programs()[bug.program]
