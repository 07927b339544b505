"""Mutants of a JavaScript source, made line by line: operators, constants, conditions, calls, lines left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from mutation.mutate import MAX_SHOWN, Mutant

# What is looked for in a line, and what stands there in the mutant.
_CHANGES: Final = (
    (r"===", ("!==",)),
    (r"!==", ("===",)),
    (r"&&", ("||",)),
    (r"\|\|", ("&&",)),
    (r" \?\?=? ", (" && ", " = ")),
    (r"<=", ("<", ">")),
    (r"(?<=[\w)]) \+ (?=\w)", (" - ",)),
    (r"\bif \(", ("if (true || ", "if (false && ")),
    (r"(?<=[=(]) ?!(?=\w)", ("",)),
    (r"(?<!\w)(\d+)(?!\w)", (lambda found: str(int(found[1]) + 1),)),
    (r'"([^"$]+)"', (lambda found: f'"{found[1][:-1]}"', lambda found: f'"{found[1].swapcase()}"')),
    (r"\.\w+\(\)", ("",)),
    (r"(?<=/)[gi](?=[,.)])", ("",)),
    (r"\breturn [^;]+;$", ("return;",)),
)
_LEFT_OUT: Final = re.compile(r"^\s*(?!const|let|import|return|\})[^{}]*[;,]$|^\s*(if|for) \(.*;$|^\s*throw .*;$")
_UNTOUCHED: Final = re.compile(r"^\s*(//|import )")


def text_mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of *source*, in the order of its lines."""
    lines, names = source.splitlines(), Counter[str]()
    for index, line in enumerate(lines):
        for what, changed in _changed_lines(line):
            name = f"{line.strip()[:MAX_SHOWN]}: {what}"
            names[name] += 1
            number = f" #{names[name]}" if names[name] > 1 else ""
            yield Mutant(name + number, partial("\n".join, [*lines[:index], changed, *lines[index + 1 :]]))


def _changed_lines(line: str) -> Iterator[tuple[str, str]]:
    """The changes of *line*, each with the changed line."""
    if _UNTOUCHED.match(line):
        return
    for pattern, instead in _CHANGES:
        for found in re.finditer(pattern, line):
            for new in instead:
                text = new if isinstance(new, str) else new(found)
                changed = line[: found.start()] + text + line[found.end() :]
                if changed != line:
                    yield f"{found[0].strip()} -> {text.strip()}", changed
    if _LEFT_OUT.match(line):
        yield "left out", ""
