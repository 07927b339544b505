"""Undoes the Content-Encoding of a recorded body, within a bound."""

from __future__ import annotations

import zlib

from ni_contract.exchanges.values import Headers, header
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed

_GZIP_MAGIC = b"\x1f\x8b"


def plain_body(headers: Headers, body: bytes, name: str) -> bytes:
    """*body* as it was before its Content-Encoding. Raises Malformed, which calls it *name*.

    Many tools undo the encoding and leave the header: what does not look packed is taken as it is.
    """
    encoding = (header(headers, "content-encoding") or "identity").strip().lower()
    if encoding in ("identity", "") or not body:
        return body
    if encoding in ("gzip", "x-gzip"):
        return _inflated(body, 31, name) if body.startswith(_GZIP_MAGIC) else body
    if body.lstrip()[:1] in (b"{", b"<", b"["):
        return body
    if encoding == "deflate":
        return _inflated(body, 15 if body[:1] == b"\x78" else -15, name)
    raise Malformed(f"{name} is packed as {encoding[:20]!r}, which is not read; record it unpacked")


def _inflated(body: bytes, bits: int, name: str) -> bytes:
    inflater = zlib.decompressobj(bits)
    try:
        plain = inflater.decompress(body, MAX_ENTRY_BYTES)
    except zlib.error:
        raise Malformed(f"{name} is packed, and the packing is broken") from None
    if not inflater.eof:
        raise Malformed(f"{name} is packed and cut off, or unpacks to more than {MAX_ENTRY_BYTES} bytes")
    return plain
