"""Reads any recording: opens it, finds out what it is, and hands it to the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ni_contract.recordings.decompress import CannotRead, Source, open_source
from ni_contract.recordings.detect_format import (
    FLOWS,
    HAR,
    JSONL,
    PARQUET,
    SNIFFED,
    VCR_JSON,
    VCR_YAML,
    format_of,
)
from ni_contract.recordings.entry import Recorded, Unreadable
from ni_contract.recordings.formats.flows import read_flows
from ni_contract.recordings.formats.har import read_har
from ni_contract.recordings.formats.jsonl import read_jsonl
from ni_contract.recordings.formats.parquet import read_parquet
from ni_contract.recordings.formats.vcr import read_cassette_json, read_cassette_yaml

Reader = Callable[[Source], Iterator[Recorded]]

READERS: Final[dict[str, Reader]] = {
    HAR: read_har,
    JSONL: read_jsonl,
    VCR_JSON: read_cassette_json,
    VCR_YAML: read_cassette_yaml,
    FLOWS: read_flows,
    PARQUET: read_parquet,
}


def read_recordings(path: str | Path) -> Iterator[Recorded]:
    """The exchanges in the file *path*, each with its place in the file as `origin`, and what could not be read.

    HAR, VCR cassettes, JSONL, flows of mitmproxy or Parquet, plain or packed by gzip or zstd; which of them is told by
    the content. Never raises for a file.
    """
    try:
        source = open_source(Path(path))
    except CannotRead as error:
        yield Unreadable(str(path), str(error), fatal=True)
        return
    try:
        yield from read_source(source)
    finally:
        source.close()


def read_source(source: Source) -> Iterator[Recorded]:
    """The same for a stream that is open already."""
    seen = False
    try:
        kind = kind_of(source)
        for recorded in READERS[kind](source):
            seen = True
            yield recorded
    except CannotRead as error:
        yield Unreadable(source.name, str(error), fatal=not seen)


def kind_of(source: Source) -> str:
    """What *source* is, without reading past anything. Raises CannotRead when it is no recording."""
    head = source.peek(SNIFFED)
    if not head.strip():
        raise CannotRead("it is empty")
    kind = format_of(head)
    if kind is None:
        raise CannotRead("it is no recording that is known: HAR, VCR cassette, JSONL, mitmproxy flows or Parquet")
    return kind
