"""The outline of a file's first part: its syntax and the names in it, which identify its format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import ijson

from ni_contract.recordings.json_items import DepthGuard

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
    """The outline of a file that begins with *head*."""
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
    if DepthGuard().why_refused(head):
        return
    events = ijson.sendable_list()
    parser = ijson.parse_coro(events)
    # It ends with the inspected part, or with the first of many lines.
    with suppress(ijson.JSONError):
        parser.send(head)
    for prefix, event, value in events:
        if event == "map_key" and prefix.count(".") < MAX_DEPTH:
            yield f"{prefix}.{value}".removeprefix(".")


def _yaml_paths(head: bytes) -> Iterator[str]:
    try:
        import yaml
    except ImportError:
        return
    text = head.decode("utf-8", "replace")
    stack: list[Any] = []
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
            path = _step(yaml, stack, event)
            if path:
                yield path
    except (yaml.YAMLError, RecursionError):
        # The end of the inspected part.
        return


def _step(yaml: Any, stack: list[Any], event: Any) -> str:
    """Handles one event; *stack* holds [path, whether it is a list, the key that waits for its value]."""
    if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
        stack.pop()
        return ""
    is_node = isinstance(event, yaml.NodeEvent)
    if not is_node:
        return ""
    parent: list[Any] = stack[-1] if stack else [ROOT, None, None]
    path, is_list, key = parent
    if is_list is False and key is None:
        parent[2] = getattr(event, "value", "")
        named = f"{path}.{parent[2]}".removeprefix(".")
        _open(yaml, stack, event, named)
        if path.count(".") < MAX_DEPTH:
            return named
        return ""
    here = f"{path}.{ITEM if is_list else key or ROOT}".removeprefix(".")
    parent[2] = None
    _open(yaml, stack, event, here)
    return ""


def _open(yaml: Any, stack: list[list[Any]], event: Any, path: str) -> None:
    if isinstance(event, yaml.CollectionStartEvent):
        stack.append([path, isinstance(event, yaml.SequenceStartEvent), None])


_PATHS: Final = {JSON: _json_paths, YAML: _yaml_paths}
