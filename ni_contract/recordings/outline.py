"""The outline of a file's first part: its syntax and the names in it, which identify its format."""

import re
from collections import deque
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
JSON, YAML, XML, OTHER = "json", "yaml", "xml", ""

_YAML_START: Final = rb"(?:(?:---|#|%)[^\n]*\n|!\w[^\n:]*\n|\s)*"
_YAML: Final = re.compile(_YAML_START + rb"(?:-[ \n]|[\"']?[\w!][\w ]*[\"']?[ \t]*:(?:[ \t\r\n]|\Z))")


@dataclass(frozen=True, slots=True)
class Outline:
    """The first bytes of a file, its syntax, and the names in it as paths: `log.entries.item.request`.

    *whole*: the file is not longer than the inspected part.
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
    # It ends with the inspected part.
    with suppress(CannotRead):
        yield from (path for path, _ in yaml_nodes(head) if path.count(".") <= MAX_DEPTH)


def yaml_nodes(data: bytes) -> Iterator[tuple[str, int]]:
    """The path and the line (the first is 1) of the YAML document *data* and of each member and item in it.

    Raises CannotRead where it is not YAML from there on.
    """
    try:
        import yaml
    except ImportError:
        return
    events = yaml.parse(data.decode("utf-8", "replace"), Loader=getattr(yaml, "CLoader", yaml.Loader))
    try:
        for event in events:
            yield from _nodes_below(ROOT, event, events)
    except (yaml.YAMLError, RecursionError):
        raise CannotRead("it is not YAML from here on") from None


def _nodes_below(path: str, start: Any, events: Iterator[Any]) -> Iterator[tuple[str, int]]:
    """Path and line of the node at *path*, then of its parts; *start* is its first event, *events* has the rest."""
    kind = type(start).__name__
    if kind.endswith(("StartEvent", "ScalarEvent", "AliasEvent")):
        yield path, start.start_mark.line + 1
    if kind == "SequenceStartEvent":
        for event in _until("SequenceEndEvent", events):
            yield from _nodes_below(f"{path}.{ITEM}".removeprefix("."), event, events)
    elif kind == "MappingStartEvent":
        for key in _until("MappingEndEvent", events):
            # A key may be a mapping or a list: the events of its parts are skipped.
            deque(_nodes_below(path, key, events), maxlen=0)
            named = f"{path}.{getattr(key, 'value', '')}".removeprefix(".")
            yield from _nodes_below(named, next(events), events)


def _until(end: str, events: Iterator[Any]) -> Iterator[Any]:
    return takewhile(lambda event: type(event).__name__ != end, events)


_PATHS: Final = {JSON: _json_paths, YAML: _yaml_paths}
