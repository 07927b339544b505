"""Text laid out for a width: paragraphs, rows of a name and a value, and text to be pasted, which is never broken."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, TextIO

# For a log or a pipe: its lines are searched and copied, so only the table of areas keeps to a width.
UNBOUNDED: Final = 0
TABLE_WIDTH: Final = 120
_MIN_WIDTH: Final = 30


def width_of(stream: TextIO) -> int:
    """The columns of *stream*: those in COLUMNS, else of the terminal; UNBOUNDED where it is none."""
    if not (stream.isatty() or "COLUMNS" in os.environ):
        return UNBOUNDED
    columns = shutil.get_terminal_size(fallback=(UNBOUNDED, UNBOUNDED)).columns
    return columns and max(columns, _MIN_WIDTH)


def paragraph(text: str, width: int, indent: str = "", hanging: str | None = None) -> Iterator[str]:
    """*text* in lines of *width* columns, broken between words only; lines after the first begin with *hanging*."""
    if width == UNBOUNDED:
        yield indent + text
        return
    yield from textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]


def print_lines(lines: Iterable[str], hanging: str = "  ") -> None:
    """Prints *lines*, each as a paragraph as wide as stdout."""
    width = width_of(sys.stdout)
    wrapped = chain.from_iterable(paragraph(line, width, hanging=hanging) for line in lines)
    print("\n".join(wrapped), flush=True)


def row(name: str, value: str, width: int, name_width: int = 9) -> Iterator[str]:
    """A row of a name and a value; a long value continues below its start."""
    indent = " " * (name_width + 3)
    if width == UNBOUNDED or width - len(indent) >= _MIN_WIDTH:
        yield from paragraph(value, width, f"  {name:<{name_width}} ", indent)
    else:
        yield f"  {name}"
        yield from paragraph(value, width, "    ")


def pasted(name: str, value: str, width: int, name_width: int = 9) -> Iterator[str]:
    """A row whose value is to be pasted: on a line of its own where it does not fit beside its name."""
    line = f"  {name:<{name_width}} {value}"
    if width == UNBOUNDED or len(line) <= width:
        yield line
    else:
        yield f"  {name}"
        yield value
