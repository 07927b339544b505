"""Opens a file, plain or packed by gzip or zstd, as a stream of bytes with a bound on what it may unpack to."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, Any, Final

from ni_contract.recordings.entry import BLOCK

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
# Logs of one kind of request shrink to a fiftieth; what grows beyond this is made to do harm.
MAX_EXPANSION_RATIO: Final = 250
ALWAYS_UNPACKED: Final = 64_000_000
MAX_WINDOW_BYTES: Final = 1 << 27


class CannotRead(Exception):
    """A file that cannot be read from here on: its message is a sentence that says why."""


class Source:
    """A seekable file as a stream of plain bytes, with a name for messages. Raises CannotRead."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self._file, self._kept, self._given = _Counted(file), b"", 0
        head = self._file.read(4)
        file.seek(0)
        if head == _ZIP:
            raise CannotRead("it is a zip archive, which is not read; unpack it")
        self.packed = "gzip" if head.startswith(_GZIP) else "zstd" if head == _ZSTD else ""
        self._plain: Any = self._file
        if self.packed:
            self._plain = gzip.GzipFile(fileobj=self._file) if self.packed == "gzip" else _Zstd(self._file)

    def read(self, size: int) -> bytes:
        """At most *size* bytes, b"" at the end."""
        if self._kept:
            head, self._kept = self._kept[:size], self._kept[size:]
            return head
        return self._more(size)

    def peek(self, size: int) -> bytes:
        """The next *size* bytes, fewer only at the end; they will be read again."""
        while len(self._kept) < size and (more := self._more(BLOCK)):
            self._kept += more
        return self._kept[:size]

    def seekable(self) -> IO[bytes]:
        """The file itself, for what has to be read from its end."""
        self._file.file.seek(0)
        return self._file.file

    def close(self) -> None:
        """Closes the file."""
        self._file.file.close()

    def _more(self, size: int) -> bytes:
        try:
            plain: bytes = self._plain.read(size)
        except EOFError:
            raise CannotRead("its packed data is cut off") from None
        except (gzip.BadGzipFile, zlib.error):
            raise CannotRead("its packed data is broken") from None
        except OSError as error:
            raise CannotRead(f"it cannot be read: {error.strerror or error}") from None
        if self.packed:
            self._check(len(plain))
        return plain

    def _check(self, more: int) -> None:
        self._given += more
        if self._given > max(ALWAYS_UNPACKED, MAX_EXPANSION_RATIO * self._file.taken):
            raise CannotRead(
                f"it unpacks to more than {MAX_EXPANSION_RATIO} times its size, as no recording does; "
                "if it is one, unpack it and give that"
            )


class _Counted(io.RawIOBase):
    """A file that counts what is taken from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.taken = file, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """As of the file."""
        data = self.file.read(size)
        self.taken += len(data)
        return data


class _Zstd:
    """Unpacks zstd frames in pieces so small that none can grow to much, and tells when the last is cut off."""

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


def open_source(path: Path, name: str = "") -> Source:
    """*path* as a stream of plain bytes. Raises CannotRead."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise CannotRead(f"it cannot be opened: {error.strerror or error}") from None
    try:
        return Source(file, name or str(path))
    except CannotRead:
        file.close()
        raise
