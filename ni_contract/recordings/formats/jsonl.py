"""JSONL, one exchange a line, and Parquet. The columns are those of `spec/recording.schema.json`."""

import base64
import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ni_contract.exchanges.values import FAILURE_KINDS, Answer, Exchange, Failure, Headers, Request
from ni_contract.recordings.decompress import CannotRead, Source, lines_of
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed, Recorded, Unreadable, require, text
from ni_contract.recordings.fields import from_base64, headers_in, moment_in
from ni_contract.recordings.format import Format, stream
from ni_contract.recordings.outline import FIRST_LOOK, Outline

BATCH_ROWS: Final = 2_000
_COLUMN: Final = re.compile(rb'"(?:method|url|http_status|failure_kind)"\s*:')


def _is_jsonl(outline: Outline) -> bool:
    """Whether a line begins and ends as a JSON object and has a column; the first line may be the broken one."""
    lines = outline.head.lstrip().split(b"\n")
    rows = [line for line in lines if line.startswith(b"{") and _COLUMN.search(line)]
    is_cut = not outline.whole and rows[-1:] == lines[-1:]
    return is_cut or any(row.rstrip().endswith(b"}") for row in rows) or _is_endless(outline.head)


def _is_endless(head: bytes) -> bool:
    """Whether the first line exceeds the bytes that are inspected; the lines after it may be right."""
    return len(head) > FIRST_LOOK // 2 and b"\n" not in head and b"\0" not in head and head.isascii()


def read_jsonl(source: Source, _outline: Outline) -> Iterator[Recorded]:
    """The exchanges of *source*; an unreadable line gives an Unreadable and does not stop the rest."""
    for number, (line, _) in enumerate(lines_of(source.read), 1):
        if line is None or not line.isspace():
            yield recorded_line(line, f"{source.name}:{number}")


def recorded_line(line: bytes | None, place: str) -> Recorded:
    """The exchange in *line* (None: too long), which comes from *place*, or the reason why there is none."""
    if line is None:
        return Unreadable(place, f"the line is longer than {MAX_ENTRY_BYTES} bytes")
    try:
        return exchange_of_line(line, place)
    except Malformed as error:
        # Only the last line of a file has no end.
        if line.startswith(b"{") and not line.endswith((b"}", b"\n")):
            return Unreadable(place, "the line is cut off", is_rest=True)
        return Unreadable(place, str(error))


def exchange_of_line(line: bytes, place: str = "") -> Exchange:
    """The exchange in one line of JSONL. Raises Malformed."""
    try:
        row = load_json(line.removeprefix(codecs.BOM_UTF8))
    except UnicodeDecodeError:
        raise Malformed("the line is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Malformed("the line is not JSON") from None
    require(type(row) is dict, "the line is not a JSON object")
    return exchange_of_row(row, place)


def _loader() -> Callable[[bytes], Any]:
    """The fastest installed parser of JSON; each one refuses invalid JSON without quoting it."""
    try:
        import msgspec
    except ImportError:
        return lambda data: json.loads(data.decode("utf-8"))
    return msgspec.json.Decoder().decode


load_json: Final = _loader()


def exchange_of_row(row: Mapping[str, Any], place: str) -> Exchange:
    """The exchange in *row*, as the schema has it; a missing or null member has no value. Raises Malformed."""
    get = row.get
    request = Request(
        text(get("method"), "method"),
        text(get("url"), "url"),
        _headers(get("request_headers"), "request_headers"),
        _body(get("request_body"), get("request_body_base64"), "request_body"),
    )
    sent_at = moment_in(get("sent_at"))
    require(
        sent_at is not None or get("sent_at") is None, "sent_at is neither seconds since the epoch nor an ISO 8601 time"
    )
    return Exchange(
        request, _answer(row), place, sent_at, filtered=get("filtered") is True, partial=get("partial") is True
    )


def _answer(row: Mapping[str, Any]) -> Answer | Failure:
    status, kind = row.get("http_status"), row.get("failure_kind")
    if status is None:
        require(kind is not None, "there is neither http_status nor failure_kind")
        require(kind in FAILURE_KINDS, f"failure_kind is none of {', '.join(FAILURE_KINDS)}")
        return Failure(str(kind), str(row.get("failure_message") or kind))
    require(type(status) is int and 100 <= status <= 999, "http_status is not a whole number from 100 to 999")
    require(kind is None, "there are both http_status and failure_kind")
    written, encoded = row.get("answer_body"), row.get("answer_body_base64")
    body = _body(written, encoded, "answer_body")
    is_recorded = written is not None or encoded is not None
    return Answer(status, _headers(row.get("answer_headers"), "answer_headers"), body, is_recorded)


def _headers(value: Any, name: str) -> Headers:
    """The headers; the usual case, a list of lists of two texts, has a fast path."""
    are_pairs = type(value) is list and all([type(row) is list and len(row) == 2 for row in value])  # noqa: C419  faster
    if are_pairs and all([type(key) is str and type(text_) is str for key, text_ in value]):  # noqa: C419
        return tuple([(key, text_) for key, text_ in value])
    found = headers_in(value)
    require(len(found) >= len(value or ()), f"{name} are neither pairs of texts nor an object of texts")
    return found


def _body(value: object, encoded: object, name: str) -> bytes:
    if encoded is not None:
        require(value is None, f"there are both {name} and {name}_base64")
        return from_base64(text(encoded, f"{name}_base64"), f"{name}_base64")
    if value is None or isinstance(value, bytes):
        return value or b""
    try:
        return text(value, name).encode()
    except UnicodeEncodeError:
        raise Malformed(f"{name} holds half a surrogate pair; write it as {name}_base64") from None


def row_of(exchange: Exchange) -> dict[str, Any]:
    """*exchange* as such a row, without the keys that have no value; the inverse of reading."""
    request, answer = exchange.request, exchange.answer
    row: dict[str, Any] = {"method": request.method, "url": request.url}
    row |= {"request_headers": [list(pair) for pair in request.headers]}
    if request.body:
        row |= _written(request.body, "request_body")
    if isinstance(answer, Answer):
        row |= {"http_status": answer.http_status, "answer_headers": [list(pair) for pair in answer.headers]}
        if answer.body_recorded:
            row |= _written(answer.body, "answer_body")
    else:
        row |= {"failure_kind": answer.kind, "failure_message": answer.message}
    marks = {"sent_at": exchange.sent_at, "filtered": exchange.filtered or None, "partial": exchange.partial or None}
    return row | {name: value for name, value in marks.items() if value is not None}


def _written(body: bytes, name: str) -> dict[str, str]:
    try:
        return {name: body.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(body).decode()}


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
        for batch in arrow.parquet.ParquetFile(source.seekable()).iter_batches(batch_size=BATCH_ROWS):
            yield from batch.to_pylist()
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise CannotRead(f"it is a broken Parquet file ({type(error).__name__})") from None


@stream(lambda outline: outline.head.startswith(b"PAR1"), _rows, "row")
def parquet(row: Mapping[str, Any], place: str, _source: Source) -> Iterable[Recorded]:
    return [exchange_of_row(row, place)]


FORMAT = Format("jsonl", _is_jsonl, read_jsonl)
