"""Tapes of talkback, a recording proxy of JavaScript: one exchange each, in JSON5."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ni_contract.contract.vocabulary import API_URL
from ni_contract.exchanges.values import header
from ni_contract.recordings.decompress import CannotRead, Source
from ni_contract.recordings.entry import Malformed, Recorded, record
from ni_contract.recordings.fields import body_in, from_base64, headers_in, pick, url_in
from ni_contract.recordings.format import stream
from ni_contract.recordings.inflate import plain_body
from ni_contract.recordings.pairs import exchange_in

# Maximum size of a tape, which is one exchange: the parser needs ten seconds for this much in the worst case.
MAX_TAPE_BYTES: Final = 100_000
_TAPE: Final = re.compile(
    rb"""\s*(?://[^\n]*\s*)*\{[^{]*["']?meta["']?\s*:\s*\{.*["']?\breq["']?\s*:\s*\{""", re.DOTALL
)


def _tapes(source: Source) -> Iterator[Any]:
    try:
        import json5
    except ImportError:
        raise CannotRead("it is a tape in JSON5; pip install 'ni-contract[recordings]' to read it") from None
    data = source.peek(MAX_TAPE_BYTES + 1)
    if len(data) > MAX_TAPE_BYTES:
        raise CannotRead(f"it is a tape of more than {MAX_TAPE_BYTES} bytes")
    try:
        yield json5.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise CannotRead("it is cut off, or not JSON5") from None


@stream(lambda outline: _TAPE.match(outline.head) is not None, _tapes, "tape")
def talkback(tape: Mapping[str, Any], place: str, _source: Source) -> Iterator[Recorded]:
    meta = record(pick(tape, "meta"), "meta")
    asked, told = (_message(record(pick(tape, name), name), meta, name) for name in ("req", "res"))
    url = url_in(pick(asked, "url"), str(pick(meta, "host") or API_URL))
    yield exchange_in({"request": {**asked, "uri": url}, "response": told, "time": pick(meta, "createdat")}, place)


def _message(message: Mapping[str, Any], meta: Mapping[str, Any], side: str) -> dict[str, Any]:
    """*message* with its body as bytes: readable ones are stored as text, others in Base64."""
    body = pick(message, "body")
    if isinstance(body, str) and body and not pick(meta, f"{side}humanreadable"):
        headers = headers_in(pick(message, "headers"))
        try:
            return {**message, "body": plain_body(headers, from_base64(body), "a body")}
        except Malformed:
            if header(headers, "content-encoding"):
                raise
    return {**message, "body": body_in(body)}
