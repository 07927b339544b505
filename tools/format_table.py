"""The formats that `ni_contract.recordings` reads, as the table of docs/recorded.md: `python tools/format_table.py`."""

from __future__ import annotations

from ni_contract.recordings.format import Format
from ni_contract.recordings.formats import all_formats


def format_table() -> str:
    """The formats as a Markdown table."""
    listed = sorted(all_formats(), key=_order)
    rows = [f"| {one.title} | {one.told_by} | {_code(one.extra)} |" for one in listed]
    return "\n".join(["| format | recognised by | extra |", "|---|---|---|", *rows])


def _order(one: Format) -> tuple[bool, str]:
    """The sort key: recordings first, then stubs and pacts."""
    return one.is_stub, one.title.lower()


def _code(text: str) -> str:
    if text:
        return f"`{text}`"
    return ""


if __name__ == "__main__":
    print(format_table())
