"""Reads any recording: opens it, detects its format, and calls the reader of that format."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from ni_contract.errors import UsageError
from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import CannotRead, NoRecording, Source, open_source
from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.recordings.format import Format
from ni_contract.recordings.formats import all_formats
from ni_contract.recordings.outline import FIRST_LOOK, LAST_LOOK, YAML, Outline, outline_of
from ni_contract.recordings.yaml_items import yaml_loader

MAX_LOADED_EXCHANGES: Final = 100_000


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


def load_exchanges(
    file: str | Path, used: str, is_wanted: Callable[[Exchange], bool] = lambda _: True
) -> tuple[list[Exchange], list[str]]:
    """The wanted exchanges in *file*, and a sentence for each place that cannot be read.

    Raises UsageError for more of them than can be *used* ("replayed") at once.
    """
    found: list[Exchange] = []
    problems: list[str] = []
    for recorded in read_recordings(file):
        if isinstance(recorded, Unreadable):
            problems.append(f"{recorded.place}: {recorded.why}".removeprefix(f"{file}: "))
        elif is_wanted(recorded):
            found.append(recorded)
        if len(found) > MAX_LOADED_EXCHANGES:
            raise UsageError(f"{file}: more than {MAX_LOADED_EXCHANGES} exchanges cannot be {used} at once; split it")
    return found, problems


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
