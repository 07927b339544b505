"""Bodies that are sent in two pieces: in chunks (`Transfer-Encoding: chunked`), or because they are long."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Final

from ni_contract.exchanges.values import Headers, Request, header

_TRANSFER_ENCODING: Final = "transfer-encoding"
# A longer body comes to a server in several segments, wherever it is far away.
MAX_WHOLE_BYTES: Final = 1_000
_PAUSE_SECONDS: Final = 0.02


def is_chunked(request: Request) -> bool:
    return header(request.headers, _TRANSFER_ENCODING) is not None


def pieces_of(request: Request) -> list[bytes] | bytes:
    """The body of *request*, in two pieces where it is long or to be sent in chunks."""
    if not is_chunked(request) and len(request.body) <= MAX_WHOLE_BYTES:
        return request.body
    middle = len(request.body) // 2
    return [request.body[:middle], request.body[middle:]]


def headers_of(request: Request) -> Headers:
    """The headers of *request*, with the length of its body where it is in pieces that are no chunks."""
    if is_chunked(request) or len(request.body) <= MAX_WHOLE_BYTES:
        return request.headers
    return (*request.headers, ("Content-Length", str(len(request.body))))


def slowly(pieces: list[bytes]) -> Iterator[bytes]:
    """*pieces* with a pause between them, so that a server gets them one by one."""
    yield from pieces[:1]
    time.sleep(_PAUSE_SECONDS)
    yield from pieces[1:]


async def one_by_one(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def in_one_piece(request: Request) -> Request:
    """*request* without Transfer-Encoding: a WSGI server puts chunks together, and HTTP/1.0 has none."""
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0].lower() != _TRANSFER_ENCODING))
