"""The formats that `ni_contract.recordings` reads, as the table of docs/recorded.md: `python tools/format_table.py`."""

from __future__ import annotations

from typing import Any

from ni_contract.recordings.format import FORMATS


def format_table() -> str:
    """The formats as a Markdown table."""
    listed = sorted(FORMATS.values(), key=_order)
    rows = [f"| {one['title']} | {_told_by(one)} | {_code(one.get('extra', ''))} |" for one in listed]
    return "\n".join(["| format | recognised by | extra |", "|---|---|---|", *rows])


def _order(one: dict[str, Any]) -> tuple[bool, str]:
    """The sort key: recordings first, then stubs and pacts."""
    return one.get("is_stub", False), one["title"].lower()


def _told_by(one: dict[str, Any]) -> str:
    return str(one.get("told_by", "")) or "; ".join(map(_words, one["places"]))


def _words(names: str) -> str:
    return ", ".join(f"`{name}`".replace("|", "` or `") for name in names.split())


def _code(text: str) -> str:
    if text:
        return f"`{text}`"
    return ""


if __name__ == "__main__":
    print(format_table())
