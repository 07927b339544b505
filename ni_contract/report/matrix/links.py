"""Links from a matrix to its reports."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from ni_contract.runs.matrix import Snapshot


def link_to(one: Snapshot, folder: Path, clause_id: str = "") -> str:
    """The link from a page in *folder* to the report *one*: to the clause in the HTML report beside it, if any."""
    page = Path(one.file).with_suffix(".html")
    has_page = page.is_file()
    file = page if has_page else Path(one.file)
    relative = quote(Path(os.path.relpath(file, folder)).as_posix())
    if has_page and clause_id:
        return f"{relative}#{clause_id}"
    return relative


def day_of(one: Snapshot) -> str:
    """The day and the minute of a report, or a phrase for a report without one."""
    return one.time.replace("T", " ")[:16] or "no date"
