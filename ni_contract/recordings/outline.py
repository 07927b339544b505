"""The outline of a file's first part: its syntax and the names in it, which identify its format."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import takewhile
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead
from ni_contract.recordings.json_items import json_events

FIRST_LOOK, LAST_LOOK = 1 << 16, 1 << 22
MAX_DEPTH: Final = 8
MAX_NAMES: Final = 5_000
ROOT, ITEM = "", "item"
JSON, YAML, XML, ZIP, OTHER = "json", "yaml", "xml", "zip", ""

_YAML_START: Final = rb"(?:(?:---|#|%)[^\n]*\n|!\w[^\n:]*\n|\s)*"
_YAML: Final = re.compile(_YAML_START + rb"(?:-[ \n]|[\"']?[\w!][\w ]*[\"']?[ \t]*:(?:[ \t\r\n]|\Z))")


@dataclass(frozen=True, slots=True)
class Outline:
    """The first bytes of a file, its syntax, and the names in it as paths: `log.entries.item.request`.

    *whole*: the file is not longer than the inspected part. Of a ZIP archive the names are those of its members.
    """

    head: bytes
    syntax: str
    names: frozenset[str]
    whole: bool

    def has(self, names: str) -> bool:
        """Whether all of *names*, paths separated by spaces, exist; `a|b` means one of the two."""
        return not any(self.names.isdisjoint(name.split("|")) for name in names.split())


def outline_of(head: bytes, whole: bool) -> Outline:
    syntax = _syntax_of(head)
    found: set[str] = set()
    for path in _PATHS[syntax](head) if syntax in _PATHS else ():
        found.add(path)
        if len(found) == MAX_NAMES:
            break
    return Outline(head, syntax, frozenset(found), whole)


def _syntax_of(head: bytes) -> str:
    start = head[:1000].lstrip()
    if start.startswith((b"{", b"[")):
        return JSON
    if start.startswith(b"<"):
        return XML
    if b"\0" not in head and _YAML.match(head):
        return YAML
    return OTHER


def _json_paths(head: bytes) -> Iterator[str]:
    # It ends with the inspected part, or with the first of many lines.
    with suppress(CannotRead):
        for prefix, event, value in json_events(BytesIO(head).read):
            if event == "map_key" and prefix.count(".") < MAX_DEPTH:
                yield f"{prefix}.{value}".removeprefix(".")


def _yaml_paths(head: bytes) -> Iterator[str]:
    try:
        import yaml
    except ImportError:
        return
    events = yaml.parse(head.decode("utf-8", "replace"), Loader=getattr(yaml, "CLoader", yaml.Loader))
    # It ends with the inspected part.
    with suppress(yaml.YAMLError, RecursionError):
        for event in events:
            yield from _paths_below(ROOT, event, events)


def _paths_below(path: str, start: Any, events: Iterator[Any]) -> Iterator[str]:
    """The paths in the node that begins with the event *start*, of which *events* has the rest."""
    kind = type(start).__name__
    if kind == "SequenceStartEvent":
        for event in _until("SequenceEndEvent", events):
            yield from _paths_below(f"{path}.{ITEM}".removeprefix("."), event, events)
    elif kind == "MappingStartEvent":
        for key in _until("MappingEndEvent", events):
            yield from _paths_below(path, key, events)
            named = f"{path}.{getattr(key, 'value', '')}".removeprefix(".")
            if path.count(".") < MAX_DEPTH:
                yield named
            yield from _paths_below(named, next(events), events)


def _until(end: str, events: Iterator[Any]) -> Iterator[Any]:
    return takewhile(lambda event: type(event).__name__ != end, events)


_PATHS: Final = {JSON: _json_paths, YAML: _yaml_paths}
