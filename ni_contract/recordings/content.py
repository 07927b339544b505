"""Decodes the Content-Encoding of a recorded body, within a bound."""

from __future__ import annotations

from ni_contract.exchanges.values import Headers, header
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed
from ni_contract.recordings.inflate import Broken, inflate

_GZIP_MAGIC = b"\x1f\x8b"


def plain_body(headers: Headers, body: bytes, name: str) -> bytes:
    """*body* without its Content-Encoding. Raises Malformed, which calls it *name*.

    Many tools decode the body and keep the header: a body that does not look encoded is returned as it is.
    """
    encoding = (header(headers, "content-encoding") or "identity").strip().lower()
    if encoding in ("identity", "") or not body:
        return body
    if body.startswith(_GZIP_MAGIC):
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
