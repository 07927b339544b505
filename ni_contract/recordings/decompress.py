"""Opens a file, plain or compressed, as a stream of bytes with a bound on the expanded size."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES
from ni_contract.recordings.inflate import MAX_WINDOW_BYTES

Beside = Callable[[str], bytes | None]
_HEAD: Final = 1_000

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
# Decompression-bomb guard: maximum expansion ratio. Logs of one kind of request reach 50.
MAX_EXPANSION_RATIO: Final = 250
ALWAYS_UNPACKED: Final = 64_000_000


class CannotRead(Exception):
    """An error of a file that cannot be read from here on; its message is a sentence that says why."""


class NoRecording(CannotRead):
    """An error of a file that is not in a format of recordings, so that no exchange is missing."""


class Source:
    """A seekable file as a stream of plain bytes in UTF-8, with a name for messages. Raises CannotRead.
    *packed* is the encoding: gzip, zstd, zlib, zip (whose members are in *archive*), utf-16, or "". *beside* reads a
    file in the same folder; None where there is none. *ends_line*: what was read last is the end of a line or value.
    """

    def __init__(self, file: IO[bytes], name: str, beside: Beside = lambda _name: None, packed_size: int = 0) -> None:
        self.name, self.beside = name, beside
        self._file, self._kept, self._given = _Counted(file, packed_size), b"", 0
        self.ends_line = True
        self._decode: Callable[[bytes, bool], str] | None = None
        head = self._file.read(_HEAD)
        self.packed = _packing(head)
        self.archive = _archive(file) if self.packed == "zip" else None
        file.seek(0)
        # The inspected bytes are read again.
        self._file.taken = packed_size
        self._plain: Any = self._file
        if self.packed in _UNPACKERS:
            self._plain = _UNPACKERS[self.packed](self._file)
        self._is_bounded = bool(self.packed in _UNPACKERS or packed_size)
        self._start()

    @property
    def taken(self) -> int:
        """The number of bytes read from the file so far, compressed as they are."""
        return self._file.taken

    def read(self, size: int) -> bytes:
        """At most *size* bytes, b"" at the end."""
        if self._kept:
            head, self._kept = self._kept[:size], self._kept[size:]
            return head
        return self._more(size)

    def peek(self, size: int) -> bytes:
        """The next *size* bytes, fewer only at the end; the position does not move."""
        while len(self._kept) < size and (more := self._more(BLOCK)):
            self._kept += more
        return self._kept[:size]

    def seekable(self) -> IO[bytes]:
        """The file itself, for reading from its end."""
        self._file.file.seek(0)
        return self._file.file

    def close(self) -> None:
        """Closes the file."""
        self._file.file.close()

    def _start(self) -> None:
        """Detects the encoding; a byte order mark is no part of the text."""
        head = self.peek(_HEAD)
        if head.startswith(codecs.BOM_UTF8):
            self._kept = self._kept[len(codecs.BOM_UTF8) :]
        encoding = _wide_encoding(head)
        if encoding:
            self.packed = self.packed or "utf-16"
            self._decode = codecs.getincrementaldecoder(encoding)("replace").decode
            self._kept = self._decode(self._kept, False).encode("utf-8", "replace").removeprefix(codecs.BOM_UTF8)

    def _more(self, size: int) -> bytes:
        plain = self._read(size)
        if self._is_bounded:
            self._check(len(plain))
        if plain:
            self.ends_line = plain.endswith((b"\n", b"}", b"]"))
        if self._decode is None or not plain:
            return plain
        return self._decode(plain, False).encode("utf-8", "replace") or self._more(size)

    def _read(self, size: int) -> bytes:
        try:
            plain: bytes = self._plain.read(size)
        except EOFError:
            raise CannotRead("its packed data is cut off") from None
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
            raise CannotRead("its packed data is broken") from None
        except OSError as error:
            raise CannotRead(f"it cannot be read: {error.strerror or error}") from None
        return plain

    def _check(self, more: int) -> None:
        self._given += more
        if self._given > max(ALWAYS_UNPACKED, MAX_EXPANSION_RATIO * self._file.taken):
            raise CannotRead(
                f"it unpacks to more than {MAX_EXPANSION_RATIO} times its size, as no recording does; "
                "if it is one, unpack it and give that"
            )


def _packing(head: bytes) -> str:
    found = [name for start, name in ((_GZIP, "gzip"), (_ZSTD, "zstd"), (_ZIP, "zip")) if head.startswith(start)]
    return "".join(found) or "zlib" * _is_zlib(head)


def _is_zlib(head: bytes) -> bool:
    """Whether *head* begins a zlib stream, whose first two bytes could also be text."""
    if head[:1] != b"\x78" or int.from_bytes(head[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, 1))
    except zlib.error:
        return False


def _wide_encoding(head: bytes) -> str:
    """The form of UTF-16 in which *head* is written, "" if in none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [not byte for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    if zeros == [True, False, True, False]:
        return "utf-16-be"
    return ""


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise CannotRead("it is a broken zip archive") from None


class _Counted(io.RawIOBase):
    """A file that counts the bytes read from it."""

    def __init__(self, file: IO[bytes], packed_size: int = 0) -> None:
        self.file, self.taken, self._packed_size = file, packed_size, packed_size

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The bytes that the file returns."""
        data = self.file.read(size)
        if not self._packed_size:
            self.taken += len(data)
        return data


class _Zlib:
    """Decompresses one zlib stream in pieces."""

    def __init__(self, file: _Counted) -> None:
        self._file, self._inflater, self._rest = file, zlib.decompressobj(), b""

    def read(self, size: int) -> bytes:
        """At most *size* plain bytes, b"" at the end. Raises EOFError and zlib.error."""
        while not self._inflater.eof:
            piece = self._rest or self._file.read(BLOCK)
            plain = self._inflater.decompress(piece, size)
            self._rest = self._inflater.unconsumed_tail
            if plain:
                return plain
            if not piece and not self._inflater.eof:
                raise EOFError
        return b""


class _Zstd:
    """Decompresses zstd frames in pieces of bounded size, and detects that the last one is truncated."""

    _PIECE = 512

    def __init__(self, file: _Counted) -> None:
        try:
            import zstandard
        except ImportError:
            raise CannotRead("it is packed with zstd; pip install 'ni-contract[recordings]' to read it") from None
        self._error = zstandard.ZstdError
        self._new = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj
        self._file, self._packed = file, b""
        self._frame: Any = self._new()

    def read(self, _size: int) -> bytes:
        """The next plain bytes, b"" at the end. Raises EOFError and CannotRead."""
        while True:
            piece = self._packed or self._file.read(self._PIECE)
            self._packed = b""
            if not piece:
                if self._frame is not None:
                    raise EOFError
                return b""
            if plain := self._step(piece):
                return plain

    def _step(self, piece: bytes) -> bytes:
        if self._frame is None:
            self._frame = self._new()
        try:
            plain: bytes = self._frame.decompress(piece)
        except self._error:
            raise CannotRead("its packed data is broken") from None
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return plain


_UNPACKERS: Final[dict[str, Callable[[Any], Any]]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "zstd": _Zstd,
    "zlib": _Zlib,
}


def _beside(path: Path) -> Beside:
    """Reads files in the folder of *path* and below it, never others."""
    folder = path.parent.resolve()
    # WireMock keeps the bodies of its mappings in a folder beside theirs.
    bodies = [parent.parent / "__files" for parent in (folder, *folder.parents) if parent.name == "mappings"]

    def read(name: str) -> bytes | None:
        found = (_content(root, name) for root in (folder, folder / "__files", *bodies[:1]))
        return next((content for content in found if content is not None), None)

    return read


def _content(folder: Path, name: str) -> bytes | None:
    """The file *name* below *folder*; None where there is none, or it is too large."""
    try:
        found = (folder / name).resolve()
        if not found.is_relative_to(folder) or not found.is_file() or found.stat().st_size > MAX_ENTRY_BYTES:
            return None
        return found.read_bytes()
    except (OSError, ValueError):
        return None


def open_source(path: Path, name: str = "") -> Source:
    """*path* as a stream of plain bytes. Raises CannotRead."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise CannotRead(f"it cannot be opened: {error.strerror or error}") from None
    try:
        return Source(file, name or str(path), _beside(path))
    except CannotRead:
        file.close()
        raise
