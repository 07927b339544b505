"""Encodings of texts and bodies, decoded and encoded again: gzip, zlib, zstd, UTF-16, Base64, hexadecimal."""

import base64
import codecs
import gzip
import quopri
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from json import detect_encoding
from typing import Final
from urllib.parse import unquote

from ni_contract.exchanges.secret_index import folded_text
from ni_contract.recordings.inflate import Broken, inflate, packing_of

MAX_UNPACKED_BYTES: Final = 32_000_000
PACKINGS: Final = ("gzip", "zlib", "zstd")
MAX_VIEWS: Final = 200
_MIN_RUN: Final = 12
_BASE64: Final = re.compile(rf"[A-Za-z0-9+/_-]{{{_MIN_RUN},}}(?:[ \t]*\r?\n[ \t]*[A-Za-z0-9+/_-]+)*={{0,2}}")
_HEX: Final = re.compile(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{2}){16,}(?![0-9a-f])")
_BASE32: Final = re.compile(r"(?i)(?<![a-z0-9])[a-z2-7]{16,}=*(?![a-z0-9])")
_BASE85: Final = re.compile(r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{20,}")
_ASCII85: Final = re.compile(r"[!-uz]{20,}")
# Pictures, fonts, documents and sounds in a browser's recording: they cannot contain this API's traffic.
_MEDIA: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"wOF", b"%PDF", b"\x00\x00\x01\x00", b"OggS", b"ID3")
_MAX_STRANGE_SHARE: Final = 0.3


class UnseenError(Exception):
    """An error of content that cannot be shown to be free of secrets: the message says why."""


def unpacked(body: bytes, is_certain: bool = True) -> tuple[str, str]:
    """The content of *body*, bytes as Latin-1, and the name of its compression or, where it is text, its charset.

    *is_certain*: it is a body; else it may be anything. Raises UnseenError where it cannot be determined.
    """
    packing = packing_of(body)
    if packing and (plain := _inflated(body, packing, is_certain)) is not None:
        return plain.decode("latin-1"), packing
    if (charset := _charset(body)) is not None:
        return body.decode(charset), charset
    if is_certain and _is_unreadable(body):
        raise UnseenError("a body is packed in a way that is not read")
    return body.decode("latin-1"), "latin-1"


def repacked(plain: str, packing: str) -> bytes:
    """*plain* encoded as before."""
    if packing not in PACKINGS:
        # For the two with a byte order mark Python writes the mark itself.
        return plain.encode(packing, "replace")
    data = plain.encode("latin-1")
    if packing == "gzip":
        return gzip.compress(data, mtime=0)
    if packing == "zlib":
        return zlib.compress(data)
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def _charset(body: bytes) -> str | None:
    wide = detect_encoding(body[:4])
    if not wide.startswith("utf-8"):
        with suppress(UnicodeDecodeError):
            text = body.decode(wide)
            if sum(c.isascii() for c in text) * 2 > len(text):
                return wide
    with suppress(UnicodeDecodeError):
        body.decode("utf-8")
        return "utf-8"
    return None


def _is_unreadable(body: bytes) -> bool:
    """Whether most of it is neither text in a single-byte character set nor a known format without text."""
    strange = sum(byte < 9 or 13 < byte < 32 or byte >= 127 for byte in body[:10_000])
    return strange > _MAX_STRANGE_SHARE * len(body[:10_000]) and not is_media(body)


def is_media(body: bytes) -> bool:
    return body.startswith(_MEDIA)


def _inflated(body: bytes, name: str, is_certain: bool) -> bytes | None:
    try:
        return inflate(body, name, MAX_UNPACKED_BYTES, is_single=False)
    except (Broken, ImportError):
        if is_certain and name != "zlib":
            raise UnseenError(f"a body is packed by {name} and cannot be unpacked") from None
        return None


def base64_runs(text: str) -> Iterator[tuple[str, bytes]]:
    """The parts of *text* that may be Base64, of either alphabet and over lines, with their decoded text."""
    for match in _BASE64.finditer(text):
        run = "".join(match[0].split())
        letters = run.rstrip("=").replace("-", "+").replace("_", "/")
        if len(letters) % 4 != 1:
            yield match[0], base64.b64decode(letters + "=" * (-len(letters) % 4))


def views(text: str) -> Iterator[str]:
    """*text* with one encoding after the other removed, each result as text; at most `MAX_VIEWS`."""
    waiting, seen = [text], {text}
    while waiting and len(seen) < MAX_VIEWS:
        for inner in _inner(waiting.pop()):
            if inner not in seen:
                seen.add(inner)
                waiting.append(inner)
                yield inner


def disguises(text: str) -> Iterator[str]:
    """*text* without white space, reversed, and decoded from rot13, quoted-printable, base 32 and base 85."""
    yield "".join(text.split())
    yield text[::-1]
    yield codecs.encode(text, "rot13")
    if "=" in text:
        yield quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    for pattern, decode in _BASES:
        for run in pattern.findall(text):
            with suppress(ValueError):
                yield decode(run).decode("latin-1")


def _base32(run: str) -> bytes:
    letters = run.rstrip("=")
    return base64.b32decode(letters + "=" * (-len(letters) % 8), casefold=True)


_BASES: Final = ((_BASE32, _base32), (_BASE85, base64.b85decode), (_ASCII85, base64.a85decode))


def _inner(text: str) -> Iterator[str]:
    if any(mark in text for mark in "%&\\"):
        yield unquote(text)
        yield folded_text(text)
    if "\0" in text:
        yield text.replace("\0", "")
    for _, data in base64_runs(text):
        yield unpacked(data, is_certain=False)[0]
    for match in _HEX.finditer(text):
        yield unpacked(bytes.fromhex(match[0]), is_certain=False)[0]
    if packing_of(data := text.encode("latin-1", "replace")):
        yield unpacked(data, is_certain=False)[0]
