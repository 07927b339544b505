"""Writes files completely or not at all: a new file, unnamed or beside the old one, is flushed, then renamed."""

import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any

from ni_contract.errors import UsageError
from ni_contract.interruption import uninterrupted

MAX_NAME_BYTES = 255
_SUFFIX_BYTES = 24


def check_output(flag: str, name: str) -> Path:
    """The path of an output file *name*, with symbolic links resolved.

    Raises UsageError, which names *flag*, unless the path is free or a regular file of this user.
    """
    path = Path(name)
    try:
        real = _real_path(path)
        if reason := _refusal(path, real):
            raise UsageError(f"{flag} {name}: {reason}")
    except (OSError, ValueError) as error:
        raise UsageError(f"{flag} {name}: cannot be written: {reason_of(error)}") from None
    return real


def _real_path(path: Path) -> Path:
    if not path.is_symlink():
        return path
    real = path.resolve(strict=True)
    if hasattr(os, "geteuid") and {path.lstat().st_uid, real.stat().st_uid} != {os.geteuid()}:
        raise PermissionError(0, "it is a symbolic link that is not yours or leads to a file that is not")
    return real


def _refusal(path: Path, real: Path) -> str:
    """The reason why *real* cannot be written, "" where it can."""
    if len(os.fsencode(path.name)) > MAX_NAME_BYTES:
        return "the name is too long"
    if not real.parent.is_dir():
        return f"the folder {real.parent} does not exist"
    if real.is_dir():
        return "that is a folder; give the name of a file"
    if real.exists() and not real.is_file():
        return "that is a device or a pipe; give the name of a file"
    if not os.access(real.parent, os.W_OK | os.X_OK) or (real.exists() and not os.access(real, os.W_OK)):
        return "cannot be written: no permission"
    return ""


def reason_of(error: Exception) -> str:
    """The reason why a file could not be read or written, in the system's words where it has some."""
    return getattr(error, "strerror", None) or str(error)


def read_text(file: str | Path, name: str, max_bytes: int) -> str:
    """The text of *file*, which errors call *name*. Raises UsageError for one that is larger, or cannot be read."""
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(max_bytes + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"{name}: cannot be read: {reason_of(error)}") from None
    if len(data) > max_bytes:
        raise UsageError(f"{name}: larger than {max_bytes} bytes")
    return text


def parse_json(text: str, name: str) -> Any:
    """The value of *text*. Raises UsageError, which calls it *name*, for text that is no JSON or cannot be sent."""
    try:
        value = json.loads(text)
        # JSON can escape half a surrogate pair, which cannot be sent.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON in UTF-8: {error}") from None
    return value


def write_file(flag: str, name: str | Path, content: bytes, is_new: bool = False) -> None:
    """Replaces the file *name* by *content*, completely. Raises UsageError, and keeps the old file, where it cannot.

    *is_new*: as of `replacement`.
    """
    target = check_output(flag, str(name))
    try:
        with replacement(target, is_new) as file:
            file.write(content)
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(f"{flag} {name}: cannot be written: {reason_of(error)}") from None


def write_text(flag: str, name: str | Path, text: str, is_new: bool = False) -> None:
    """The same for *text*: UTF-8, with escapes for what is not Unicode."""
    write_file(flag, name, text.encode("utf-8", "backslashreplace"), is_new)


@contextmanager
def replacement(target: Path, is_new: bool = False) -> Iterator[IO[bytes]]:
    """A file that replaces *target* (as of `check_output`) when the block ends, and is removed if it raises.

    Until then it has no name where the system allows that, so that even a killed process leaves no file behind.
    *is_new*: nothing is replaced; raises FileExistsError for an existing file.
    """
    name = os.fsdecode(os.fsencode(target.name)[: MAX_NAME_BYTES - _SUFFIX_BYTES])
    beside = target.with_name(f".{name}.{secrets.token_hex(6)}.part")
    try:
        with os.fdopen(_nameless(target.parent) or _named(beside), "wb") as file:
            yield file
            file.flush()
            _take_over_mode(file.fileno(), target)
            os.fsync(file.fileno())
            if os.fstat(file.fileno()).st_nlink == 0:
                os.link(f"/proc/self/fd/{file.fileno()}", beside, src_dir_fd=file.fileno(), follow_symlinks=True)
        if is_new:
            os.link(beside, target)
        else:
            beside.replace(target)
    finally:
        with uninterrupted():
            beside.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _nameless(folder: Path) -> int | None:
    """A new file without a name, on Linux and file systems that support it."""
    if not hasattr(os, "O_TMPFILE") or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o666)
    except OSError:
        return None


def _named(beside: Path) -> int:
    return os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)


def _take_over_mode(descriptor: int, target: Path) -> None:
    """Copies owner and permissions of the old file to the new one, as far as this user may."""
    with suppress(OSError, AttributeError):
        old = target.stat()
        with suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _flush_folder(folder: Path) -> None:
    """Flushes the folder where that is possible, so that the new name survives a power failure."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is removed when the block ends, also by a signal that `interruptible` handles."""
    folder = ""
    try:
        with uninterrupted():
            folder = tempfile.mkdtemp(prefix="ni-contract-")
        yield Path(folder)
    finally:
        with uninterrupted():
            shutil.rmtree(folder, ignore_errors=True)


def refuse_same_files(outputs: Iterable[tuple[str, str]], inputs: Iterable[tuple[str, str]]) -> None:
    """Raises UsageError when one of *outputs* is another of them or one of *inputs*; each is a flag and a file's name.

    Hard and symbolic links to one file are that file.
    """
    taken = dict(chain.from_iterable(zip(identities(name), repeat((flag, name))) for flag, name in inputs))
    for flag, name in outputs:
        for identity in identities(name):
            other = taken.setdefault(identity, (flag, name))
            if other != (flag, name):
                same = f"would overwrite {' '.join(other)}, for both are the same file"
                raise UsageError(f"{flag} {name}: {same}; give it another name")


def identities(name: str) -> Iterator[object]:
    """The resolved path and the inode: two names of one file have one of them in common."""
    path = Path(name)
    with suppress(OSError, ValueError, RuntimeError):
        yield path.resolve()
        found = path.stat()
        yield found.st_dev, found.st_ino
