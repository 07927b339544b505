"""The interface of a format: how its content is recognised, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable
from ni_contract.recordings.json_items import json_items
from ni_contract.recordings.outline import ITEM, JSON, ROOT, YAML, Outline
from ni_contract.recordings.yaml_items import yaml_items

Read = Callable[[Source, Outline], Iterator[Recorded]]
Convert = Callable[[Any, str, Source], Iterator[Recorded]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read: *title*, *told_by* and *extra* are for people.
    *rank*: formats with a lower one are tried first. *is_stub*: it defines answers for a mock; they were never
    observed. *items*: their location, for documents.
    """

    name: str
    title: str
    told_by: str
    recognise: Callable[[Outline], bool]
    read: Read
    extra: str = ""
    rank: int = 0
    is_stub: bool = False
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """The location of exchanges in a JSON or YAML document.
    *told_by* are alternatives of names, each for `Outline.has`. *places* are the paths of the items; the first one in
    the document counts; *word* names an item for people. *convert* yields the exchanges of one item.
    """

    told_by: tuple[str, ...]
    places: tuple[str, ...]
    convert: Convert
    word: str = "entry"

    def recognise(self, outline: Outline) -> bool:
        """Whether *outline* matches such a document."""
        # A row of JSONL may have columns of these names, too.
        is_row = outline.has("method url http_status|failure_kind")
        return outline.syntax in (JSON, YAML) and not is_row and any(map(outline.has, self.told_by))

    def read(self, source: Source, outline: Outline) -> Iterator[Recorded]:
        """The exchanges of *source*; of a truncated one, those before the cut."""
        for recorded, following in pairwise(chain(self._read(source, outline), [None])):
            if isinstance(recorded, Unreadable) and following is None and not source.ends_line:
                # YAML that is cut off may still be a document.
                yield replace(recorded, is_rest=True)
            elif recorded is not None:
                yield recorded

    def _read(self, source: Source, outline: Outline) -> Iterator[Recorded]:
        number = 0
        try:
            for item in items_of(source, outline, self.place(outline)):
                number += 1
                yield from self._converted(item, f"{source.name}, {self.word} {number}", source)
            if not number:
                yield Unreadable(source.name, f"it has no {self.word}")
        except CannotRead as error:
            yield Unreadable(f"{source.name}, after {self.word} {number}", str(error), is_rest=True)

    def place(self, outline: Outline) -> str:
        """The path of the items in a document with *outline*."""
        for is_in in (_is_shown, _is_named):
            if found := next((place for place in self.places if is_in(place, outline)), None):
                return found
        return self.places[-1]

    def _converted(self, item: Any, place: str, source: Source) -> Iterator[Recorded]:
        try:
            if isinstance(item, Malformed):
                raise item
            yield from self.convert(item, place, source)
        except Malformed as error:
            yield Unreadable(place, str(error))
        except RecursionError:
            yield Unreadable(place, "it is nested too deeply")


def _is_shown(place: str, outline: Outline) -> bool:
    """Whether *outline* has names below *place*."""
    return place != ROOT and any(name.startswith(f"{place}.") for name in outline.names)


def _is_named(place: str, outline: Outline) -> bool:
    """Whether the list for *place* exists, though *outline* contains none of its items."""
    parent = place.removesuffix(ITEM).removesuffix(".")
    return bool(parent) and not _is_shown(parent, outline) and parent in outline.names


def items_of(source: Source, outline: Outline, place: str) -> Iterator[Any]:
    """The values at the path *place*, a Malformed for each unreadable one. Raises CannotRead."""
    if outline.syntax == YAML:
        return yaml_items(source, place)
    return json_items(source.read, place)


def document(name: str, title: str, items: Items, extra: str = "", is_stub: bool = False, rank: int = 0) -> Format:
    """The format *name*, a JSON or YAML document with *items*."""
    told_by = "; ".join(_words(names) for names in items.told_by)
    return Format(name, title, told_by, items.recognise, items.read, extra, rank, is_stub, items)


def _words(names: str) -> str:
    return ", ".join(f"`{name}`".replace("|", "` or `") for name in names.split())
