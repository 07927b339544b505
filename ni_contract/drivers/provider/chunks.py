"""Bodies that are sent in chunks (`Transfer-Encoding: chunked`)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from ni_contract.exchanges.values import Request, header

_TRANSFER_ENCODING = "transfer-encoding"


def is_chunked(request: Request) -> bool:
    return header(request.headers, _TRANSFER_ENCODING) is not None


def pieces_of(request: Request) -> list[bytes] | bytes:
    """The body of *request*, in two pieces where it is to be sent in chunks."""
    if not is_chunked(request):
        return request.body
    middle = len(request.body) // 2
    return [request.body[:middle], request.body[middle:]]


async def one_by_one(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def in_one_piece(request: Request) -> Request:
    """*request* without Transfer-Encoding: a WSGI server puts chunks together, and HTTP/1.0 has none."""
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0].lower() != _TRANSFER_ENCODING))
