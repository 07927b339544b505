"""Bytes in and out of ASGI: bounded bodies, replies that are complete or cut off, and connection resets."""

import asyncio
import gzip
import re
from collections.abc import Callable
from typing import Final

from ni_contract.clock import RealClock
from ni_contract.contract.form_encoding import MAX_BODY_BYTES
from ni_contract.simulator.asgi import HttpError, HungUp, Receive, Reply, Scope, Send, raw_header, wire_of
from ni_contract.simulator.script import MAX_DELAY_SECONDS

_TOO_LARGE: Final = f"The body is larger than {MAX_BODY_BYTES} bytes."

# How often the presence of a waiting client is checked.
_LOOK_SECONDS: Final = 0.05
_BETWEEN_PIECES_SECONDS: Final = 0.05
# A size that is written as 10: chunks have theirs in hexadecimal.
_FIRST_CHUNK_BYTES: Final = 16

# An Accept-Encoding with gzip, but not as one that is refused.
_READS_GZIP: Final = re.compile(rb"(?i)\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The body. Raises HttpError (413) if it is larger than `MAX_BODY_BYTES`, HungUp if the client leaves early."""
    _check_announced_length(scope)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise _too_large(scope)
        if not message.get("more_body", False):
            return bytes(body)


def _check_announced_length(scope: Scope) -> None:
    announced = raw_header(scope, b"content-length")
    # A longer number is too large anyway, and int() of very many digits takes long.
    if announced is not None and (len(announced) > 9 or not announced.isdigit() or int(announced) > MAX_BODY_BYTES):
        raise _too_large(scope)


def _too_large(scope: Scope) -> HttpError:
    """The refusal. The server reads the rest, or closing would lose it; after Expect: 100-continue there is none."""
    asked_first = raw_header(scope, b"expect") is not None
    return HttpError(413, _TOO_LARGE, ((b"connection", b"close"),) if asked_first else ())


async def send_reply(reply: Reply, send: Send, head_only: bool = False) -> None:
    """Sends *reply* completely, or its head: for HEAD, whose headers are those of the GET."""
    await _send_head(reply, send)
    await send({"type": "http.response.body", "body": b"" if head_only else reply.body})


async def send_in_pieces(reply: Reply, send: Send, is_chunked: bool) -> None:
    """Sends *reply* in two pieces with a pause between, cut in its first letter that is not ASCII, if any.

    *is_chunked*: without a Content-Length, the beginning of the first piece in a chunk of its own.
    """
    end = next((place for place, byte in enumerate(reply.body, 1) if byte > 127), len(reply.body) // 2)
    begin = 0
    await _send_head(reply, send, is_chunked)
    if is_chunked and end > _FIRST_CHUNK_BYTES:
        begin = _FIRST_CHUNK_BYTES
        await send({"type": "http.response.body", "body": reply.body[:begin], "more_body": True})
    await send({"type": "http.response.body", "body": reply.body[begin:end], "more_body": True})
    await asyncio.sleep(_BETWEEN_PIECES_SECONDS)
    await send({"type": "http.response.body", "body": reply.body[end:]})


def packed(reply: Reply, scope: Scope) -> Reply:
    """*reply*, packed with gzip where the request says that the client reads that (RFC 9110, section 12.5.3)."""
    if not _READS_GZIP.search(raw_header(scope, b"accept-encoding") or b""):
        return reply
    headers = (*reply.headers, (b"content-encoding", b"gzip"))
    return reply._replace(headers=headers, body=gzip.compress(reply.body))


def capitalise_head(scope: Scope) -> None:
    """Has the header names of the answer to *scope* written with capitals; nothing where the server has no wire."""
    wire = wire_of(scope)
    if wire is not None:
        wire.capitalise_head()


async def cut_off(reply: Reply, scope: Scope, receive: Receive, send: Send, is_chunked: bool) -> None:
    """Sends half of *reply*, with the length of the whole or in a chunk that is not the last, then hangs up."""
    wire = wire_of(scope)
    half = reply.body[: len(reply.body) // 2]
    await _send_head(reply, send, is_chunked)
    await send({"type": "http.response.body", "body": half, "more_body": wire is not None})
    if wire is not None:
        wire.hang_up()
        await _until_gone(receive)


async def keep_waiting(
    reply: Reply, is_begun: bool, scope: Scope, receive: Receive, send: Send, is_over: Callable[[], bool]
) -> None:
    """Sends half of *reply*, if it *is_begun*, and then nothing until the client leaves.

    A client that does not leave gets the rest when *is_over* is true, or after `MAX_DELAY_SECONDS`.
    """
    wire = wire_of(scope)
    if wire is not None:
        wire.leave_waiting()
    half = len(reply.body) // 2 * is_begun
    if is_begun:
        await _send_head(reply, send)
        await send({"type": "http.response.body", "body": reply.body[:half], "more_body": True})
    leaving = asyncio.ensure_future(_until_gone(receive))
    end = RealClock.monotonic() + MAX_DELAY_SECONDS
    while not (leaving.done() or is_over() or RealClock.monotonic() > end):
        await asyncio.wait({leaving}, timeout=_LOOK_SECONDS)
    if not leaving.done():
        leaving.cancel()
        if not is_begun:
            await _send_head(reply, send)
        await send({"type": "http.response.body", "body": reply.body[half:]})


async def reset(scope: Scope, receive: Receive) -> None:
    """Resets the connection without an answer. Raises ConnectionResetError where the server has no wire."""
    wire = wire_of(scope)
    if wire is None:
        raise ConnectionResetError("the simulator's script resets this connection")
    wire.reset()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """Waits for the client to leave, as the server would report an earlier end as a crash."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_head(reply: Reply, send: Send, is_chunked: bool = False) -> None:
    """Sends the head of *reply*; without a Content-Length where the body *is_chunked*."""
    headers = list(reply.headers)
    if not is_chunked:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.http_status, "headers": headers})
