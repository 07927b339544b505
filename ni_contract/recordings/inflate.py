"""Unpacks whole bodies: gzip, zlib, deflate, zstd and Brotli, within a bound."""

from __future__ import annotations

import zlib
from typing import Any, Final

_BITS: Final = {"gzip": 31, "zlib": 15, "deflate": -15}
MAX_WINDOW_BYTES: Final = 1 << 27
_BROKEN: Final = "is packed, and the packing is broken"


class Broken(ValueError):
    """Packed data that is damaged, cut off or too large; the message is the end of a sentence."""


def inflate(data: bytes, packing: str, max_bytes: int, is_strict: bool = False) -> bytes:
    """*data* unpacked. Raises Broken, and ImportError where *packing* needs a library that is not installed.

    *is_strict*: data after the first member of gzip or zlib has to be another member.
    """
    if packing in _LIBRARIES:
        return _within(_LIBRARIES[packing](data, max_bytes), max_bytes)
    plain = b""
    while data:
        inflater = zlib.decompressobj(_BITS[packing])
        try:
            plain += inflater.decompress(data, max_bytes - len(plain) + 1)
        except zlib.error:
            raise Broken(_BROKEN) from None
        _within(plain, max_bytes, inflater.eof)
        data = inflater.unused_data if is_strict else b""
    return plain


def _within(plain: bytes, max_bytes: int, is_whole: bool = True) -> bytes:
    if not is_whole or len(plain) > max_bytes:
        raise Broken(f"is packed and cut off, or unpacks to more than {max_bytes} bytes")
    return plain


def _brotli(data: bytes, max_bytes: int) -> bytes:
    import brotli

    inflater: Any = brotli.Decompressor()
    try:
        plain: bytes = inflater.process(data, output_buffer_limit=max_bytes)
    except brotli.error:
        raise Broken(_BROKEN) from None
    return _within(plain, max_bytes, inflater.is_finished())


def _zstd(data: bytes, max_bytes: int) -> bytes:
    import zstandard

    inflater: Any = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    try:
        plain: bytes = inflater.stream_reader(data, read_across_frames=True).read(max_bytes + 1)
    except zstandard.ZstdError:
        raise Broken(_BROKEN) from None
    return plain


_LIBRARIES: Final = {"br": _brotli, "zstd": _zstd}
