"""From what people name on a command line to files: folders are walked, `-` is standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from ni_contract.errors import UsageError
from ni_contract.files import temporary_folder
from ni_contract.recordings.entry import BLOCK

STDIN = "-"
MAX_SPOOLED_BYTES: Final = 1_000_000_000


def files_of(names: Iterable[str]) -> Iterator[str]:
    """The files of *names* in order; those of a folder by name, hidden ones left out. Raises UsageError."""
    for name in names:
        path = Path(name)
        if not path.exists():
            raise UsageError(f"{name}: there is no such file or folder")
        if path.is_dir():
            yield from _walk(path)
        else:
            yield name


def _walk(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        # In __files are the bodies of WireMock's mappings, which name them.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__files")
        visible = (Path(parent, name) for name in sorted(files) if not name.startswith("."))
        # A pipe in a folder would keep us waiting for ever.
        yield from (str(path) for path in visible if path.is_file())


@contextmanager
def named_files(names: Iterable[str], max_bytes: int = MAX_SPOOLED_BYTES) -> Iterator[tuple[tuple[str, str], ...]]:
    """Paths with their names for messages. Standard input becomes a file, gone afterwards. Raises UsageError.

    *max_bytes* are taken of what may have no end: standard input, a pipe, a device.
    """
    given = list(names)
    if given.count(STDIN) > 1:
        raise UsageError("- is standard input, which can be read only once")
    with temporary_folder() as folder:
        found: list[tuple[str, str]] = []
        for name in given:
            if name == STDIN:
                found.append((_spooled(sys.stdin.buffer, "stdin", folder / "stdin", max_bytes), "stdin"))
            elif Path(name).is_fifo() or Path(name).is_char_device():
                # What cannot be read twice, such as a shell's <(command), is kept for as long as it is needed.
                with Path(name).open("rb") as file:
                    found.append((_spooled(file, name, folder / str(len(found)), max_bytes), name))
            else:
                # Absolute, for a worker of somebody's cluster may run in another folder.
                found += [(str(Path(file).absolute()), file) for file in files_of([name])]
        yield tuple(found)


def _spooled(source: IO[bytes], name: str, kept: Path, max_bytes: int) -> str:
    left = max_bytes
    with kept.open("wb") as file:
        while block := source.read(min(BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                raise UsageError(f"{name}: more than {max_bytes} bytes; if it has an end, give a larger --max-bytes")
            file.write(block)
    return str(kept)
