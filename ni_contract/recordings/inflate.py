"""Unpacks gzip, zlib, deflate, zstd and Brotli: streams piece by piece, bodies within a bound."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from ni_contract.exchanges.values import Headers, header
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE_BYTES: Final = {"zstd": 512}
_BITS: Final = {"gzip": 31, "zlib": 15, "deflate": -15}
MAX_WINDOW_BYTES: Final = 1 << 27


class Broken(ValueError):
    """Packed data that is damaged, cut off or too large; the message says so without a subject."""


def packing_of(data: bytes) -> str:
    """The packing whose mark *data* begins with: gzip, zstd, zlib, or "" for none."""
    if data.startswith(_GZIP):
        return "gzip"
    if data.startswith(_ZSTD):
        return "zstd"
    # The mark of zlib could also be text.
    if data[:1] != b"\x78" or int.from_bytes(data[:2], "big") % 31:
        return ""
    with suppress(zlib.error):
        if zlib.decompressobj().decompress(data[:1000], 1):
            return "zlib"
    return ""


def plain_pieces(blocks: Iterable[bytes], packing: str, is_single: bool = False) -> Iterator[bytes]:
    """The plain bytes of *blocks*, which hold one member of *packing* after the other. Raises Broken.

    *is_single*: what follows the first member does not count. Raises ImportError where *packing* needs a library that
    is not installed.
    """
    new, error = _inflater(packing)
    inflater: Any = None
    # So small that no piece expands to more than 16 MB.
    size = _PIECE_BYTES.get(packing, 1 << 14)
    for block in blocks:
        for start in range(0, len(block), size):
            piece = block[start : start + size]
            while piece:
                inflater = inflater or new()
                try:
                    yield inflater.decompress(piece)
                except error:
                    raise Broken("is broken") from None
                piece = inflater.unused_data.lstrip(b"\0")
                if inflater.eof:
                    inflater = None
                    if is_single:
                        return
    if inflater is not None:
        raise Broken("is cut off")


def _inflater(packing: str) -> tuple[Callable[[], Any], type[Exception]]:
    if packing != "zstd":
        return partial(zlib.decompressobj, _BITS[packing]), zlib.error
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj, zstandard.ZstdError


def inflate(data: bytes, packing: str, max_bytes: int, is_single: bool = True) -> bytes:
    """*data* unpacked, as by `plain_pieces`. Raises Broken for more than *max_bytes*."""
    plain = bytearray()
    for piece in _brotli(data, max_bytes) if packing == "br" else plain_pieces([data], packing, is_single):
        plain += piece
        if len(plain) > max_bytes:
            raise Broken(f"unpacks to more than {max_bytes} bytes")
    return bytes(plain)


def _brotli(data: bytes, max_bytes: int) -> Iterator[bytes]:
    import brotli

    inflater: Any = brotli.Decompressor()
    try:
        yield inflater.process(data, output_buffer_limit=max_bytes)
    except brotli.error:
        raise Broken("is broken") from None
    if not inflater.is_finished():
        raise Broken(f"is cut off, or unpacks to more than {max_bytes} bytes")


def plain_body(headers: Headers, body: bytes, name: str) -> bytes:
    """*body* without its Content-Encoding. Raises Malformed, which calls it *name*.

    Many tools decode the body and keep the header: a body that does not look encoded is returned as it is.
    """
    encoding = (header(headers, "content-encoding") or "identity").strip().lower()
    if encoding in ("identity", "") or not body:
        return body
    if body.startswith(_GZIP):
        encoding = "gzip"
    elif encoding in ("gzip", "x-gzip") or body.lstrip()[:1] in (b"{", b"<", b"["):
        return body
    elif encoding == "deflate" and body[:1] == b"\x78":
        encoding = "zlib"
    elif encoding not in ("br", "zstd", "deflate"):
        raise Malformed(f"{name} is packed as {encoding[:20]!r}, which is not read; record it unpacked")
    try:
        return inflate(body, encoding, MAX_ENTRY_BYTES)
    except Broken as error:
        raise Malformed(f"the packing of {name} {error}") from None
    except ImportError:
        raise Malformed(f"{name} is packed as {encoding!r}; pip install 'ni-contract[recordings]' to read it") from None
