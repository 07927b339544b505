"""The place of a failure in a file, for editors, code scanning and CI jobs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ni_contract.judge import Violation
from ni_contract.runs.run import Run

_LINE = re.compile(r"(?P<file>.+):(?P<line>[0-9]{1,9})")
_ENTRY = re.compile(r"(?P<file>.+), (?:after )?(?:entry|interaction|flow|row|exchange) (?P<entry>[0-9]+)")


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file and a line in it, 1 where only the file is known."""

    file: str
    line: int = 1


def file_place(run: Run, judged: Violation) -> FilePlace | None:
    """The place of a failure that an audit found, None for exchanges outside files."""
    if run.command != "audit" or judged.exchange is None:
        return None
    origin = judged.exchange.origin
    if found := _LINE.fullmatch(origin):
        return FilePlace(found["file"], int(found["line"]))
    if found := _ENTRY.match(origin):
        return FilePlace(found["file"])
    return FilePlace(origin)
