"""The interface of a format: how its content is recognised, and how it is read."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from itertools import chain, pairwise
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable, record
from ni_contract.recordings.json_items import json_items
from ni_contract.recordings.outline import JSON, YAML, Outline
from ni_contract.recordings.yaml_items import yaml_items

Read = Callable[[Source, Outline], Iterator[Recorded]]
_ITEMS: Final = {JSON: json_items, YAML: yaml_items}
FORMATS: Final = tomllib.loads(files(__package__).joinpath("formats.toml").read_text("utf-8"))
_ENDS: Final = (b"\n", b"}", b"]")
_HEAD_BYTES: Final = 200
# The first lines of tools that end their YAML with a member of its own: vcrpy, Ruby's VCR.
_LAST_MEMBERS: Final = (
    (re.compile(rb"interactions:\r?\n- request:\r?\n    body:"), "version: 1", re.compile(rb"(?m)^version: ?\d+\s*\Z")),
    (
        re.compile(rb"---\r?\nhttp_interactions:\r?\n- request:\r?\n    method:"),
        "recorded_with: VCR",
        re.compile(rb"(?m)^recorded_with: [^\n]+\s*\Z"),
    ),
)
Convert = Callable[[Mapping[str, Any], str, Source], Iterable[Recorded]]
# From the names by which a document is recognised, for `Outline.has`, to the path of its items.
Places = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read, called as in `FORMATS`.

    *place*: the path of the exchanges in a document with an outline; None for what is no document.
    """

    name: str
    recognise: Callable[[Outline], bool]
    read: Read
    place: Callable[[Outline], str] | None = None


def read_items(items: Iterable[Any], word: str, convert: Convert, source: Source) -> Iterator[Recorded]:
    """The exchanges that *convert* makes of each of *items*, which *word* names; of a file cut off, those before."""
    number, place = 0, source.name
    try:
        for number, item in enumerate(items, 1):
            yield from converted(item, word, convert, f"{source.name}, {word} {number}", source)
            place = f"{source.name}, after {word} {number}"
        if not number:
            yield Unreadable(place, f"it has no {word}")
    except CannotRead as error:
        yield Unreadable(place, str(error), is_rest=True)


def converted(item: Any, word: str, convert: Convert, place: str, source: Source) -> Iterator[Recorded]:
    """The exchanges that *convert* makes of *item*, which *word* names; an Unreadable where it raises Malformed."""
    try:
        if isinstance(item, Malformed):
            raise item
        yield from convert(record(item, f"the {word}"), place, source)
    except Malformed as error:
        yield Unreadable(place, str(error))
    except RecursionError:
        yield Unreadable(place, "it is nested too deeply")


def _recognise(places: Places, outline: Outline) -> bool:
    # A row of JSONL may have columns of these names, too.
    is_row = outline.has("method url http_status|failure_kind")
    return outline.syntax in _ITEMS and not is_row and any(map(outline.has, places))


def _read(places: Places, word: str, convert: Convert, source: Source, outline: Outline) -> Iterator[Recorded]:
    items, head = _ITEMS[outline.syntax](source, _place(places, outline)), source.peek(_HEAD_BYTES)
    recorded: Recorded | None = None
    for recorded, following in pairwise(chain(read_items(items, word, convert, source), [None])):
        if isinstance(recorded, Unreadable) and following is None and not source.tail.endswith(_ENDS):
            # YAML that is cut off may still be a document.
            recorded = replace(recorded, is_rest=True)
        if recorded is not None:
            yield recorded
    is_noted = isinstance(recorded, Unreadable) and recorded.is_rest
    if not is_noted and (why := why_cut_off(head, source.tail)):
        yield Unreadable(f"{source.name}, at its end", why, is_rest=True)


def why_cut_off(head: bytes, tail: bytes) -> str:
    """The reason why a file with this *head* and *tail* is no whole cassette of its tool; "" if it may be one."""
    for starts, member, ends in _LAST_MEMBERS:
        if starts.match(head) and not ends.search(tail):
            return f"it is cut off: `{member}` is missing, the last line of such a file (write it there if it is whole)"
    return ""


def _place(places: Places, outline: Outline) -> str:
    return next(place for names, place in places.items() if outline.has(names))


def document(convert: Convert) -> Format:
    """The format of the function's name, of JSON or YAML documents; *convert* yields the exchanges of one item."""
    name = convert.__name__.replace("_", "-")
    places, word = FORMATS[name]["places"], FORMATS[name].get("word", "entry")
    read = partial(_read, places, word, convert)
    return Format(name, partial(_recognise, places), read, partial(_place, places))


def stream(
    recognise: Callable[[Outline], bool], items: Callable[[Source], Iterable[Any]], word: str
) -> Callable[[Convert], Format]:
    """A decorator: the format of the function's name, of the *items* of a stream; *word* names one for people."""

    def decorate(convert: Convert) -> Format:
        def read(source: Source, _outline: Outline) -> Iterator[Recorded]:
            return read_items(items(source), word, convert, source)

        return Format(convert.__name__, recognise, read)

    return decorate
