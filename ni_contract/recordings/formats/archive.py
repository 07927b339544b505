"""ZIP archives of recordings, such as Playwright's `har.zip`, and sessions of Fiddler (`.saz`)."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.decompress import Beside, CannotRead, Source
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Recorded, Unreadable, attempt, require
from ni_contract.recordings.format import Format
from ni_contract.recordings.http_messages import answer_from, request_of
from ni_contract.recordings.outline import Outline

_BROKEN = (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError)
MAX_MEMBERS: Final = 20_000
_SAZ: Final = re.compile(r"raw/0*([0-9]+)_c\.txt", re.IGNORECASE)


def _read(source: Source, _outline: Outline) -> Iterator[Recorded]:
    archive = source.archive
    if archive is None:
        raise CannotRead("it is no zip archive")
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise CannotRead(f"it is a zip archive of more than {MAX_MEMBERS} files")
    sessions = [info for info in members if _SAZ.fullmatch(info.filename)]
    for info in sessions:
        number = _SAZ.sub(r"\1", info.filename)
        place = f"{source.name}, session {number}"
        yield attempt(place, _session, archive, info.filename, place)
    if sessions:
        return
    hars = [info for info in members if info.filename.lower().endswith(".har")]
    for info in hars or members:
        yield from _member(archive, info, f"{source.name}/{info.filename}")
    if not members:
        raise CannotRead("it is an empty zip archive")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[Recorded]:
    from ni_contract.recordings.read import read_source

    try:
        source = Source(archive.open(info), name, _beside(archive, info.filename), max(info.compress_size, 1))
    except CannotRead as error:
        yield Unreadable(name, str(error), is_rest=True)
        return
    except _BROKEN:
        yield Unreadable(name, "it is broken, encrypted, or packed in a way that is not read", is_rest=True)
        return
    if source.archive is None:
        yield from read_source(source)
    else:
        yield Unreadable(name, "it is a zip archive inside another; unpack it")


def _beside(archive: zipfile.ZipFile, name: str) -> Beside:
    def read(other: str) -> bytes | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
        if path in archive.NameToInfo:
            return _content(archive, path)
        return None

    return read


def _content(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The file *name* of the archive; None where it is too large or unreadable."""
    try:
        with archive.open(name) as file:
            content = file.read(MAX_ENTRY_BYTES + 1)
    except _BROKEN:
        return None
    if len(content) <= MAX_ENTRY_BYTES:
        return content
    return None


def _session(archive: zipfile.ZipFile, name: str, place: str) -> Exchange:
    asked = _content(archive, name)
    answered = _content(archive, re.sub(r"(?i)_c\.txt$", "_s.txt", name))
    require(asked, "the request cannot be read")
    request = request_of(asked or b"")
    return Exchange(request, answer_from(answered, request.method), place, None, filtered=True)


FORMAT = Format("archive", lambda outline: outline.head.startswith(b"PK\x03\x04"), _read)
