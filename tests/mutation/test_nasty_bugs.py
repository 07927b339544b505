"""Nasty bugs of providers are caught, and the first clause shown fits; `tox -e everything` tries all."""

from __future__ import annotations

import shutil

import pytest
from mutants.nasty_bugs import NASTY_BUGS, source_of
from mutants.nasty_texts import NODE
from mutation.judge_providers import noticed, noticed_in_python, programs
from thoroughness import EVERYTHING

pytestmark = pytest.mark.slow

STEP, FIRST = (1, 0) if EVERYTHING else (48, 24)
IN_PYTHON = [name for name, bug in NASTY_BUGS.items() if bug.program != NODE]
IN_NODE = [name for name, bug in NASTY_BUGS.items() if bug.program == NODE]


@pytest.mark.parametrize("name", IN_PYTHON[FIRST::STEP])
def test_first_clause_fits(name: str) -> None:
    bug = NASTY_BUGS[name]
    first = noticed_in_python(bug.program, source_of(bug, programs()[bug.program])) or "none"
    assert first.split()[0] in bug.fits.split()


@pytest.mark.skipif(not EVERYTHING or shutil.which("node") is None, reason="part of everything, where node is there")
@pytest.mark.parametrize("name", IN_NODE)
def test_first_clause_fits_in_node(name: str) -> None:
    bug = NASTY_BUGS[name]
    first = noticed(bug.program, source_of(bug, programs()[bug.program])) or "none"
    assert first.split()[0] in bug.fits.split()


def test_every_bug_changes_its_program() -> None:
    for bug in NASTY_BUGS.values():
        assert source_of(bug, programs()[bug.program]) != programs()[bug.program]
