"""Colour for a terminal: the finished text of a report is painted line by line, so its layout needs no escapes."""

import os
import re
import sys
from typing import Final, TextIO

from ni_contract.printable import printable_lines

CHOICES: Final = ("auto", "always", "never")
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"
_COUNT = re.compile(r"\b\d+ (?:(fail|stale)|(warn|deviates|untested|not offered)|pass)\b")
_RESULT = re.compile(r"\b(?:(nonconformant|error)|(partial)|conformant)\b")
# A pattern for a whole line, and the style for the text after its first group.
_LINES: Final = (
    (re.compile(r"(  expected +)(.*)"), _GREEN),
    (re.compile(r"(  actual +)(.*)"), _RED),
    (re.compile(r"()(error: .*)"), _RED),
    (re.compile(r"()((?:note|warning|stale|deviates): .*)"), _YELLOW),
    (re.compile(r"()(NIB-[A-Z]{3}-\d{3} .*)"), _BOLD),
    (re.compile(r"()(\d+ of \d+ clauses? .*)"), _BOLD),
    (re.compile(r"()(judged by .*|\d+ (?:requests|exchanges).*)"), _DIM),
    (re.compile(r"(  (?:next|report) +)(.*)"), _CYAN),
)
_AREA = re.compile(r"[A-Z]{3}  |     ")


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to use colour: as --color says, else NO_COLOR, else FORCE_COLOR, else on a terminal that supports it."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def print_report(text: str, choice: str) -> None:
    """Prints *text* to stdout, with colour where that is wanted; an escape in *text* itself is shown as text."""
    if not wants_color(choice, sys.stdout):
        print(text)
        return
    stream = getattr(sys.stdout, "unescaped", sys.stdout)
    stream.write("\n".join(map(_line, printable_lines(text).split("\n"))) + "\n")


def _line(line: str) -> str:
    for pattern, style in _LINES:
        if found := pattern.fullmatch(line):
            return found[1] + _styled(found[2], style)
    if _AREA.match(line):
        return _COUNT.sub(_by_group, line)
    if line.startswith(("documented ", "observed ")):
        return _RESULT.sub(_by_group, line)
    return line


def _by_group(found: re.Match[str]) -> str:
    """The text in red where the first group matches, in yellow where the second does, else in green."""
    return _styled(found[0], (_GREEN, _RED, _YELLOW)[found.lastindex or 0])


def _styled(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"
