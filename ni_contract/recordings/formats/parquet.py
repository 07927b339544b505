"""Parquet files whose columns are those of the JSONL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Recorded
from ni_contract.recordings.format import Format, read_items
from ni_contract.recordings.formats.jsonl import exchange_of_row
from ni_contract.recordings.outline import Outline

BATCH: Final = 2_000


def _read(source: Source, _outline: Outline) -> Iterator[Recorded]:
    return read_items(_rows(source), "row", _convert, source)


def _convert(row: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    yield exchange_of_row(row, place)


def _rows(source: Source) -> Iterator[dict[str, Any]]:
    """The rows, batch by batch. Raises CannotRead."""
    if source.packed:
        raise CannotRead("it is a packed Parquet file; unpack it, for it has to be read from its end")
    try:
        import pyarrow as arrow
        import pyarrow.parquet
    except ImportError:
        raise CannotRead("it is a Parquet file; pip install 'ni-contract[parquet]' to read it") from None
    try:
        for batch in arrow.parquet.ParquetFile(source.seekable()).iter_batches(batch_size=BATCH):
            yield from batch.to_pylist()
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise CannotRead(f"it is a broken Parquet file ({type(error).__name__})") from None


FORMAT = Format(
    "parquet",
    "Parquet, with the columns of the JSONL",
    "its first bytes",
    lambda outline: outline.head.startswith(b"PAR1"),
    _read,
    "parquet",
)
