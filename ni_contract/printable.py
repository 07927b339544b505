"""Makes text from other sources safe to show: it cannot move a cursor, change a direction or leave its block."""

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

# Control characters, formats (bidirectional overrides among them), lone surrogates, line and paragraph separators.
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_LINE_FEED, _TAB = "\n", "\t"
_NOT_PLAIN = re.compile(r"[^\n -~]")
_FENCE = re.compile(r"`{3,}|~{3,}")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&@])")


def printable(text: str) -> str:
    """*text* in one line: everything that is not shown as itself becomes an escape such as `\\x1b` or `\\n`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """*text* of several lines, escaped as by `printable` except for line feeds and tabs."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(c if c in (_LINE_FEED, _TAB) else _shown(c) for c in text)


def json_text(document: Any) -> str:
    """*document* as JSON over lines, with the characters that `printable` escapes written by their numbers."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return _NOT_PLAIN.sub(lambda found: _in_json(found[0]), text)


def _in_json(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return json.dumps(character)[1:-1]


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode()


class PrintableStream:
    """A text stream that writes through `printable_lines`; everything else is the *stream*'s own."""

    def __init__(self, stream: TextIO) -> None:
        self.unescaped = stream

    def write(self, text: str) -> int:
        self.unescaped.write(printable_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unescaped, name)


@contextmanager
def printable_streams() -> Iterator[None]:
    """Replaces stdout and stderr by streams that write through `printable_lines`."""
    out, err = PrintableStream(sys.stdout), PrintableStream(sys.stderr)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        yield


def markdown_text(text: str) -> str:
    """*text* in one line without active Markdown or HTML."""
    return _MARKDOWN.sub(r"\\\1", printable(text))


def markdown_block(text: str) -> str:
    """*text* as a code block, whose fence is longer than any inside."""
    longest = max((len(fence) for fence in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{printable_lines(text)}\n{fence}"
