"""Tapes of talkback: one exchange in JSON5."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ni_contract.exchanges.values import Exchange, Headers, header
from ni_contract.recordings.content import plain_body
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, Recorded, Unreadable, record
from ni_contract.recordings.fields import body_in, from_base64, headers_in, moment_in, pick, status_in
from ni_contract.recordings.format import Format
from ni_contract.recordings.outline import Outline
from ni_contract.recordings.pairs import answer_of, request_in

# Maximum size of a tape, which is one exchange: the parser needs ten seconds for this much in the worst case.
MAX_TAPE_BYTES: Final = 100_000
_TAPE: Final = re.compile(
    rb"""\s*(?://[^\n]*\s*)*\{[^{]*["']?meta["']?\s*:\s*\{.*["']?\breq["']?\s*:\s*\{""", re.DOTALL
)


def _read(source: Source, _outline: Outline) -> Iterator[Recorded]:
    try:
        import json5
    except ImportError:
        raise CannotRead("it is a tape in JSON5; pip install 'ni-contract[recordings]' to read it") from None
    data = source.peek(MAX_TAPE_BYTES + 1)
    if len(data) > MAX_TAPE_BYTES:
        raise CannotRead(f"it is a tape of more than {MAX_TAPE_BYTES} bytes")
    try:
        yield _exchange(record(json5.loads(data.decode("utf-8")), "the tape"), source.name)
    except Malformed as error:
        yield Unreadable(source.name, str(error))
    except (ValueError, RecursionError):
        raise CannotRead("it is cut off, or not JSON5") from None


def _exchange(tape: Mapping[str, Any], place: str) -> Exchange:
    meta = record(pick(tape, "meta"), "meta")
    asked, told = record(pick(tape, "req"), "req"), record(pick(tape, "res"), "res")
    request = request_in(
        {**asked, "body": _body(asked, meta, "req")}, str(pick(meta, "host") or "https://api.nexmo.com")
    )
    headers = headers_in(pick(told, "headers"))
    answer = answer_of(status_in(pick(told, "status")), headers, _body(told, meta, "res"))
    return Exchange(request, answer, place, moment_in(pick(meta, "createdat")), filtered=True)


def _body(message: Mapping[str, Any], meta: Mapping[str, Any], side: str) -> bytes | None:
    """The body: readable ones are stored as text, others in Base64."""
    body = pick(message, "body")
    if isinstance(body, str) and body and not pick(meta, f"{side}humanreadable"):
        headers: Headers = headers_in(pick(message, "headers"))
        try:
            return plain_body(headers, from_base64(body), "a body")
        except Malformed:
            if header(headers, "content-encoding"):
                raise
    return body_in(body)


FORMAT = Format(
    "talkback",
    "talkback tapes, JSON5",
    "`meta`, `req`, `res`",
    lambda outline: _TAPE.match(outline.head) is not None,
    _read,
    "recordings",
    rank=-1,
)
