"""Reads any recording: opens it, detects its format, and calls the reader of that format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ni_contract.recordings.decompress import CannotRead, NoRecording, Source, open_source
from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.recordings.format import Format
from ni_contract.recordings.formats import all_formats
from ni_contract.recordings.outline import FIRST_LOOK, LAST_LOOK, YAML, Outline, outline_of
from ni_contract.recordings.yaml_items import yaml_loader


def read_recordings(path: str | Path) -> Iterator[Recorded]:
    """The exchanges in the file *path*, each with its place in the file as `origin`, and the unreadable places.
    Recordings, stubs and pacts of many tools, plain or compressed, are recognised by their content. Never raises for a
    file.
    """
    try:
        source = open_source(Path(path))
    except CannotRead as error:
        yield Unreadable(str(path), str(error), is_rest=True)
        return
    with closing(source):
        yield from read_source(source)


def read_source(source: Source) -> Iterator[Recorded]:
    """The same for a stream that is already open."""
    try:
        found, outline = format_of(source)
        yield from found.read(source, outline)
    except CannotRead as error:
        yield Unreadable(source.name, str(error), is_rest=not isinstance(error, NoRecording))


def format_of(source: Source) -> tuple[Format, Outline]:
    """The format of *source*, whose position does not move, and the outline that identifies it.

    Raises CannotRead when it is no recording.
    """
    # Longer, where the first member of the document is large.
    for size in (FIRST_LOOK, LAST_LOOK):
        head = source.peek(size)
        if not head.strip():
            raise NoRecording("it is empty")
        outline = outline_of(head, len(head) < size)
        for one in all_formats():
            if one.recognise(outline):
                return one, outline
        if outline.whole or not outline.syntax:
            break
    if outline.syntax == YAML:
        yaml_loader()
    raise NoRecording("it is no recording in a format that is known; docs/recorded.md lists them")
