"""Copies of JSON and YAML documents with values changed, for example masked, in bounded memory."""

import json
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any

import ijson

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, require
from ni_contract.recordings.fields import json_bytes
from ni_contract.recordings.json_items import json_events
from ni_contract.recordings.outline import ITEM
from ni_contract.recordings.yaml_items import margin_of, pieces_of, whole_yaml, yaml_loader

Write = Callable[[str], object]
Change = Callable[[Any], Any]


def copy_json(source: Source, place: str, write: Write, change: Change) -> int:
    """Writes the document with each value at *place*, and all around them, changed; returns how many are left out.

    A truncated document has a copy of what is there. *change* may raise Malformed for a value, which is then left out.
    """
    frame, mark, separator, left_out = ijson.ObjectBuilder(), token_hex(), "", 0
    if not place:
        frame.event("string", mark)

    def around() -> list[str]:
        return [*_json(change(frame.value)).split(json.dumps(mark)), "", ""]

    try:
        for item in _items(source, place, frame, mark):
            try:
                written = _json(change(item))
            except Malformed:
                left_out += 1
            else:
                write((separator or around()[0]) + written)
                separator = ",\n"
    except CannotRead:
        left_out += 1
    head, tail, *_ = around()
    if not separator:
        write(head)
    write(f"{tail}\n")
    return left_out


def _json(value: Any) -> str:
    return json_bytes(value).decode()


def _items(source: Source, place: str, frame: Any, mark: str) -> Iterator[Any]:
    """The values at *place*; *frame* is given all that is around them, with *mark* where they are."""
    depth, item = 0, None
    for prefix, event, value in json_events(source.read):
        if not place or f"{prefix}.".startswith(f"{place}."):
            item = item or ijson.ObjectBuilder()
            item.event(event, value)
            depth += event.startswith("start") - event.startswith("end")
            if not depth:
                yield item.value
                item = None
        else:
            frame.event(event, value)
            if event == "start_array" and f"{prefix}.{ITEM}".removeprefix(".") == place:
                frame.event("string", mark)


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
