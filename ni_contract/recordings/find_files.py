"""Files for the names on a command line: folders are searched, `-` is standard input."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ni_contract.errors import UsageError
from ni_contract.files import temporary_folder
from ni_contract.interruption import signal_of
from ni_contract.printable import printable
from ni_contract.recordings.decompress import CannotRead, NoRecording, open_source
from ni_contract.recordings.entry import BLOCK
from ni_contract.recordings.outline import LAST_LOOK
from ni_contract.recordings.read import format_of

STDIN: Final = "-"
MAX_SPOOLED_BYTES: Final = 1_000_000_000
# Maximum size of standard input: it is judged within seconds.
MAX_BYTES_AFTER_SIGNAL: Final = 16_000_000


def files_of(names: Iterable[str]) -> Iterator[str]:
    """The files of *names* in order; those of a folder sorted by name, without hidden ones. Raises UsageError."""
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
        # __files contains the bodies of WireMock's mappings, which refer to them.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__files")
        visible = (Path(parent, name) for name in sorted(files) if not name.startswith("."))
        # A pipe in a folder could block for ever.
        yield from (str(path) for path in visible if path.is_file())


@dataclass
class NamedFiles:
    """Paths with their names for messages. *signal* is the number of the one that ended the reading."""

    files: tuple[tuple[str, str], ...] = ()
    signal: int | None = None


@contextmanager
def named_files(names: Iterable[str], max_bytes: int = MAX_SPOOLED_BYTES) -> Iterator[NamedFiles]:
    """The files of *names*. Standard input, pipes and devices become files, deleted afterwards. Raises UsageError.

    At most *max_bytes* are read from each of these; after a signal, the bytes read until then are kept.
    """
    given = list(names)
    if given.count(STDIN) > 1:
        raise UsageError("- is standard input, which can be read only once")
    with ExitStack() as stack:
        named = NamedFiles()
        for name in given:
            if name == STDIN:
                _keep(named, sys.stdin.buffer, stack.enter_context(temporary_folder()), "stdin", max_bytes)
            elif Path(name).is_fifo() or Path(name).is_char_device():
                with Path(name).open("rb", buffering=0) as file:
                    _keep(named, file, stack.enter_context(temporary_folder()), name, max_bytes)
            else:
                # Absolute, because a worker of a cluster may run in another folder.
                named.files += tuple((str(Path(file).absolute()), printable(file)) for file in files_of([name]))
        yield named


def _keep(named: NamedFiles, source: IO[bytes], folder: Path, name: str, max_bytes: int) -> None:
    """Copies input that cannot be read twice, such as a shell's <(command), to a file in *folder*."""
    kept, size = folder / "input", 0
    named.files += ((str(kept), name),)
    with kept.open("wb") as file:
        try:
            while block := source.read(BLOCK):
                size += file.write(block)
                if size > max_bytes:
                    raise UsageError(
                        f"{name}: more than {max_bytes} bytes; if it has an end, give a larger --max-bytes"
                    )
                if size - len(block) < LAST_LOOK <= size and not _is_recording(file, kept):
                    return
        except KeyboardInterrupt as interrupt:
            named.signal = signal_of(interrupt)
            file.truncate(min(file.tell(), MAX_BYTES_AFTER_SIGNAL))


def _is_recording(file: IO[bytes], kept: Path) -> bool:
    """Whether the bytes so far begin a recording; compressed data can be recognised only when it is complete."""
    file.flush()
    try:
        with closing(open_source(kept)) as source:
            return bool(source.packed or format_of(source))
    except CannotRead as error:
        return not isinstance(error, NoRecording)
