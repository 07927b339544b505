"""Copies of JSON and YAML documents with values changed, for example masked, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ijson

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, require
from ni_contract.recordings.fields import json_bytes
from ni_contract.recordings.json_items import json_events
from ni_contract.recordings.yaml_items import margin_of, pieces_of, whole_yaml, yaml_loader

Write = Callable[[str], object]
Change = Callable[[Any], Any]
_BRACKETS = {"start_map": ("{", "}"), "start_array": ("[", "]")}


def copy_json(source: Source, place: str, write: Write, change: Change) -> int:
    """Writes the document with each value at *place*, and all others, changed; returns the number of values left out.

    A truncated document has a truncated copy. *change* may raise Malformed for a value, which is then left out.
    """
    copy = _JsonCopy(place, write, change)
    try:
        for prefix, event, value in json_events(source.read):
            copy.event(prefix, event, value)
    except CannotRead:
        copy.left_out += 1
    copy.close()
    return copy.left_out


class _JsonCopy:
    """Writes brackets and names down to the place of the items; values elsewhere are built completely and changed."""

    def __init__(self, place: str, write: Write, change: Change) -> None:
        steps = [step for step in place.split(".") if step]
        self._ways = {".".join(steps[:number]) for number in range(len(steps))}
        self._write, self._change, self.left_out = write, change, 0
        self._open: list[str] = []
        self._before = self._named = ""
        self._builder: Any = None
        self._depth = 0

    def event(self, prefix: str, event: str, value: Any) -> None:
        """Handles the next event of the parser."""
        if self._builder is not None or (event != "map_key" and not self._is_way(prefix, event)):
            self._build(event, value)
        elif event == "map_key":
            self._named = f"{self._before}{json.dumps(value)}: "
        elif event.startswith("start"):
            opening, closing = _BRACKETS[event]
            self._write((self._named or self._before) + opening)
            self._open.append(closing)
            self._before = self._named = ""
        else:
            self._write(self._open.pop())
            self._before = ",\n"

    def close(self) -> None:
        """Closes all open brackets."""
        self._write("".join(reversed(self._open)) + "\n")

    def _is_way(self, prefix: str, event: str) -> bool:
        return prefix in self._ways and event in ("start_map", "start_array", "end_map", "end_array")

    def _build(self, event: str, value: Any) -> None:
        self._builder = self._builder or ijson.ObjectBuilder()
        self._builder.event(event, value)
        self._depth += event.startswith("start") - event.startswith("end")
        if self._depth:
            return
        built, self._builder = self._builder.value, None
        try:
            written = json_bytes(self._change(built)).decode()
        except Malformed:
            self.left_out += 1
        else:
            self._write((self._named or self._before) + written)
            self._before = ",\n"
        self._named = ""


def copy_yaml(source: Source, place: str, write: Write, change: Change) -> int:
    """The same for YAML; of the text around the items only that before them is kept."""
    if margin_of(source, place) is None:
        write(_yaml(change(whole_yaml(source))))
        return 0
    load, left_out, head = yaml_loader(), 0, ""
    for number, piece in enumerate(pieces_of(source, place)):
        if not number:
            head = str(change(piece.decode("utf-8", "replace")))
            if head:
                write(f"{head}\n")
            continue
        try:
            item = load(piece)
            require(not isinstance(item, Malformed), "it is not YAML")
            write(_yaml(change(item)))
        except Malformed:
            left_out += 1
    # vcrpy writes it last and refuses a cassette without it.
    if place == "interactions.item" and "version" not in head:
        write("version: 1\n")
    return left_out


def _yaml(value: Any) -> str:
    import yaml

    try:
        return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1 << 16))
    except yaml.YAMLError:
        raise Malformed("it cannot be written as YAML") from None
