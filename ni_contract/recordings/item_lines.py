"""The lines on which the items of a recording begin, for those that are shown to people."""

from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Final

from ni_contract.recordings.decompress import CannotRead, Source, open_source
from ni_contract.recordings.json_items import json_events
from ni_contract.recordings.outline import JSON, yaml_nodes
from ni_contract.recordings.read import format_of
from ni_contract.recordings.yaml_items import MAX_WHOLE_FILE_BYTES, margin_of, pieces_of

# Maximum size of a file in which lines are counted: some 14 MB/s.
MAX_COUNTED_BYTES: Final = 16_000_000


def item_lines(path: str, numbers: Collection[int]) -> dict[int, int]:
    """The line of each of the items *numbers* (the first is 1) of the document *path*; none where it is not known."""
    found: dict[int, int] = {}
    # Of a file that cannot be read to its end, those before.
    with suppress(CannotRead), closing(open_source(Path(path))) as source:
        for number, line in enumerate(_starts(source, max(numbers, default=0)), 1):
            if number in numbers:
                found[number] = line
    return found


def _starts(source: Source, last: int) -> Iterator[int]:
    """The lines of the items up to the number *last*."""
    found, outline = format_of(source)
    place = found.place and found.place(outline)
    if not place or source.packed or len(source.peek(MAX_COUNTED_BYTES + 1)) > MAX_COUNTED_BYTES:
        return iter(())
    if outline.syntax == JSON:
        return islice(_in_json(source.peek(MAX_COUNTED_BYTES), place), last)
    return islice(_in_yaml(source, place), last)


def _in_json(data: bytes, place: str) -> Iterator[int]:
    """The lines on which the values at *place* begin: the parser reads line by line, its events are of the last one."""
    file, line, block = BytesIO(data), 1, b""

    def read(size: int) -> bytes:
        nonlocal line, block
        line += block.endswith(b"\n")
        block = file.readline(size)
        return block

    for prefix, event, _ in json_events(read):
        if prefix == place and not event.startswith(("end", "map_key")):
            yield line


def _in_yaml(source: Source, place: str) -> Iterator[int]:
    if margin_of(source, place) is None:
        yield from (line for path, line in yaml_nodes(source.peek(MAX_WHOLE_FILE_BYTES)) if path == place)
        return
    line = 1
    for number, piece in enumerate(pieces_of(source, place)):
        if number:
            yield line
        line += piece.count(b"\n")
