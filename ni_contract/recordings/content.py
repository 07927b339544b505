"""Decodes the Content-Encoding of a recorded body, within a bound."""

from __future__ import annotations

import zlib

from ni_contract.exchanges.values import Headers, header
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed, require

_GZIP_MAGIC = b"\x1f\x8b"


def plain_body(headers: Headers, body: bytes, name: str) -> bytes:
    """*body* without its Content-Encoding. Raises Malformed, which calls it *name*.

    Many tools decode the body and keep the header: a body that does not look encoded is returned as it is.
    """
    encoding = (header(headers, "content-encoding") or "identity").strip().lower()
    if encoding in ("identity", "") or not body:
        return body
    if body.startswith(_GZIP_MAGIC):
        return _inflated(body, 31, name)
    if encoding in ("gzip", "x-gzip") or body.lstrip()[:1] in (b"{", b"<", b"["):
        return body
    if encoding == "br":
        return _brotli(body, name)
    if encoding == "zstd":
        return _zstd(body, name)
    if encoding == "deflate":
        return _inflated(body, 15 if body[:1] == b"\x78" else -15, name)
    raise Malformed(f"{name} is packed as {encoding[:20]!r}, which is not read; record it unpacked")


def _brotli(body: bytes, name: str) -> bytes:
    try:
        import brotli
    except ImportError:
        raise _not_installed(name, "br") from None
    inflater = brotli.Decompressor()
    try:
        plain: bytes = inflater.process(body, output_buffer_limit=MAX_ENTRY_BYTES)
    except brotli.error:
        raise Malformed(f"{name} is packed, and the packing is broken") from None
    require(inflater.is_finished(), f"{name} is packed and cut off, or unpacks to more than {MAX_ENTRY_BYTES} bytes")
    return plain


def _zstd(body: bytes, name: str) -> bytes:
    try:
        import zstandard
    except ImportError:
        raise _not_installed(name, "zstd") from None
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as reader:
            plain: bytes = reader.read(MAX_ENTRY_BYTES + 1)
    except zstandard.ZstdError:
        raise Malformed(f"{name} is packed, and the packing is broken") from None
    require(len(plain) <= MAX_ENTRY_BYTES, f"{name} unpacks to more than {MAX_ENTRY_BYTES} bytes")
    return plain


def _not_installed(name: str, encoding: str) -> Malformed:
    return Malformed(f"{name} is packed as {encoding!r}; pip install 'ni-contract[recordings]' to read it")


def _inflated(body: bytes, bits: int, name: str) -> bytes:
    inflater = zlib.decompressobj(bits)
    try:
        plain = inflater.decompress(body, MAX_ENTRY_BYTES)
    except zlib.error:
        raise Malformed(f"{name} is packed, and the packing is broken") from None
    if not inflater.eof:
        raise Malformed(f"{name} is packed and cut off, or unpacks to more than {MAX_ENTRY_BYTES} bytes")
    return plain
