"""The lines on which the items of a recording begin, for those that are shown to people."""

import re
from collections.abc import Collection, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead, Source, open_source
from ni_contract.recordings.outline import ITEM, JSON
from ni_contract.recordings.read import format_of
from ni_contract.recordings.yaml_items import MAX_WHOLE_FILE_BYTES, margin_of, pieces_of

# Maximum size of a file in which lines are counted: some 20 MB/s.
MAX_COUNTED_BYTES: Final = 16_000_000
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:]', re.DOTALL)


def item_lines(path: str, numbers: Collection[int]) -> dict[int, int]:
    """The line of each of the items *numbers* (the first is 1) of the document *path*; none where it is not known."""
    try:
        with closing(open_source(Path(path))) as source:
            starts = _starts(source, max(numbers, default=0))
            return {number: line for number, line in enumerate(starts, 1) if number in numbers}
    except CannotRead:
        return {}


def _starts(source: Source, last: int) -> Iterator[int]:
    """The lines of the items up to the number *last*."""
    found, outline = format_of(source)
    place = found.place and found.place(outline)
    if not place or source.packed or len(source.peek(MAX_COUNTED_BYTES + 1)) > MAX_COUNTED_BYTES:
        return iter(())
    if outline.syntax == JSON:
        return islice(_in_json(source.peek(MAX_COUNTED_BYTES), place.split(".")), last)
    return islice(_in_yaml(source, place), last)


def _in_json(data: bytes, steps: list[str]) -> Iterator[int]:
    path: list[str] = []
    kinds, text, key, line, counted = [b"{"], b"", "", 1, 0
    for token in _TOKEN.finditer(data):
        kind = token[0]
        if kind == b":":
            key = text[1:-1].decode("utf-8", "replace")
        elif kind in b"}]":
            del path[-1:], kinds[-1:]
        elif kind in b"{[":
            path.append(ITEM if kinds[-1] == b"[" else key)
            kinds.append(kind)
            if len(path) == len(steps) + 1 and path[1:] == steps:
                line += data.count(b"\n", counted, token.start())
                counted = token.start()
                yield line
        else:
            text = kind


def _in_yaml(source: Source, place: str) -> Iterator[int]:
    if margin_of(source, place) is None:
        yield from _composed(source.peek(MAX_WHOLE_FILE_BYTES), place.split("."))
        return
    line = 1
    for number, piece in enumerate(pieces_of(source, place)):
        if number:
            yield line
        line += piece.count(b"\n")


def _composed(data: bytes, steps: list[str]) -> Iterator[int]:
    """The lines of the items of a YAML document whose layout is another."""
    import yaml

    try:
        root = yaml.compose(data.decode("utf-8", "replace"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return
    yield from _lines_at(root, steps)


def _lines_at(node: Any, steps: list[str]) -> Iterator[int]:
    if not steps:
        yield node.start_mark.line + 1
    elif steps[0] == ITEM and getattr(node, "id", "") == "sequence":
        for one in node.value:
            yield from _lines_at(one, steps[1:])
    elif getattr(node, "id", "") == "mapping":
        for key, value in node.value:
            if getattr(key, "value", None) == steps[0]:
                yield from _lines_at(value, steps[1:])
