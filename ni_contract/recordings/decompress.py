"""Opens a file, plain or compressed, as a stream of bytes with a bound on the expanded size."""

import codecs
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from json import detect_encoding
from pathlib import Path
from typing import IO, Final

from ni_contract.recordings.entry import BLOCK, MAX_ENTRY_BYTES
from ni_contract.recordings.inflate import Broken, packing_of, plain_pieces

Beside = Callable[[str], bytes | None]
_HEAD_BYTES: Final = 1_000
_TAIL_BYTES: Final = 200
_ZIP: Final = b"PK\x03\x04"
# Decompression-bomb guard: maximum expansion ratio. Logs of one kind of request reach 50.
MAX_EXPANSION_RATIO: Final = 250
ALWAYS_UNPACKED: Final = 64_000_000
_BROKEN: Final[dict[type, str]] = {EOFError: "is cut off", zipfile.BadZipFile: "is broken"}


class CannotRead(Exception):
    """An error of a file that cannot be read from here on; its message is a sentence that says why."""


class NoRecording(CannotRead):
    """An error of a file that is not in a format of recordings, so that no exchange is missing."""


class Source:
    """A seekable file as a stream of plain bytes in UTF-8, with a name for messages. Raises CannotRead.

    *packed* is the encoding: gzip, zstd, zlib, zip (whose members are in *archive*), utf-16, or "". *beside* reads a
    file in the same folder; None where there is none. *tail* are the last bytes that were read.
    """

    def __init__(self, file: IO[bytes], name: str, beside: Beside = lambda _name: None, packed_size: int = 0) -> None:
        self.name, self.beside, self.tail = name, beside, b""
        self._file, self._packed_size, self._kept, self._why = file, packed_size, b"", ""
        head = file.read(_HEAD_BYTES)
        self.packed, self.archive = packing_of(head), None
        if head.startswith(_ZIP):
            self.packed, self.archive = "zip", _archive(file)
        file.seek(0)
        self._blocks = self._plain_blocks()
        if (encoding := detect_encoding(self.peek(4))).startswith("utf-16"):
            self.packed = self.packed or "utf-16"
            decode = codecs.getincrementaldecoder(encoding)("replace").decode
            blocks = chain([self._kept], self._blocks)
            self._blocks = (decode(block).encode("utf-8", "replace") for block in blocks)
            self._kept = b""
        self.peek(len(codecs.BOM_UTF8))
        self._kept = self._kept.removeprefix(codecs.BOM_UTF8)

    @property
    def taken(self) -> int:
        """The number of bytes read from the file so far, compressed as they are."""
        return self._packed_size or self._file.tell()

    def read(self, size: int) -> bytes:
        """At most *size* bytes, b"" at the end."""
        self.peek(1)
        head, self._kept = self._kept[:size], self._kept[size:]
        return head

    def peek(self, size: int) -> bytes:
        """The next *size* bytes, fewer only at the end; the position does not move."""
        while len(self._kept) < size and (more := self._more()):
            self._kept += more
            self.tail = (self.tail + more[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        if self._why and not self._kept:
            raise CannotRead(self._why)
        return self._kept[:size]

    def seekable(self) -> IO[bytes]:
        """The file itself, for reading from its end."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        self._file.close()

    def _more(self) -> bytes:
        """The next plain bytes, b"" at the end and where it cannot be read on."""
        try:
            return next(filter(None, self._blocks), b"")
        except (Broken, EOFError, zipfile.BadZipFile) as error:
            self._why = f"its packed data {_BROKEN.get(type(error), error)}"
        except CannotRead as error:
            self._why = str(error)
        except ImportError:
            self._why = "it is packed with zstd; pip install 'ni-contract[recordings]' to read it"
        except OSError as error:
            self._why = f"it cannot be read: {error.strerror or error}"
        return b""

    def _plain_blocks(self) -> Iterator[bytes]:
        blocks: Iterator[bytes] = iter(partial(self._file.read, BLOCK), b"")
        if self.packed not in ("", "zip"):
            blocks = plain_pieces(blocks, self.packed)
        elif not self._packed_size:
            return blocks
        return self._bounded(blocks)

    def _bounded(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        given = 0
        for block in blocks:
            given += len(block)
            if given > max(ALWAYS_UNPACKED, MAX_EXPANSION_RATIO * self.taken):
                raise CannotRead(
                    f"it unpacks to more than {MAX_EXPANSION_RATIO} times its size, as no recording does; "
                    "if it is one, unpack it and give that"
                )
            yield block


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise CannotRead("it is a broken zip archive") from None


def lines_of(read: Callable[[int], bytes], block_bytes: int = BLOCK) -> Iterator[tuple[bytes | None, int]]:
    """The lines, with their ends, of the bytes from *read*, each with its length.

    None for a line that is longer than `MAX_ENTRY_BYTES`.
    """
    parts: list[bytes] = []
    size = 0
    while block := read(block_bytes):
        first, *rest = block.split(b"\n")
        size += len(first)
        parts.append(first)
        if size > MAX_ENTRY_BYTES:
            parts.clear()
        if rest:
            yield _line([*parts, b"\n"], size), size + 1
            yield from ((line + b"\n", len(line) + 1) for line in rest[:-1])
            parts, size = [rest[-1]], len(rest[-1])
    if size:
        yield _line(parts, size), size


def _line(parts: list[bytes], size: int) -> bytes | None:
    if size > MAX_ENTRY_BYTES:
        return None
    return b"".join(parts)


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
