"""ZIP archives of recordings, such as Playwright's `har.zip`, and sessions of Fiddler (`.saz`)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Final

from ni_contract.exchanges.values import Answer, Exchange, Failure, Request
from ni_contract.recordings.decompress import Beside, CannotRead, Source
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed, Recorded, Unreadable, require
from ni_contract.recordings.format import Format
from ni_contract.recordings.outline import Outline
from ni_contract.recordings.pairs import answer_of
from ni_contract.recordings.raw_http import parse_message, request_of

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
    if sessions:
        yield from _sessions(archive, sessions, source.name)
        return
    hars = [info for info in members if info.filename.lower().endswith(".har")]
    for info in hars or members:
        yield from _member(archive, info, f"{source.name}/{info.filename}")
    if not members:
        raise CannotRead("it is an empty zip archive")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[Recorded]:
    """The exchanges in one file of the archive."""
    from ni_contract.recordings.read import format_of

    try:
        source = Source(_open(archive, info), name, _beside(archive, info.filename), max(info.compress_size, 1))
        found, outline = format_of(source)
    except CannotRead as error:
        yield Unreadable(name, str(error))
        return
    if source.archive is not None:
        yield Unreadable(name, "it is a zip archive inside another; unpack it")
        return
    yield from found.read(source, outline)


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise CannotRead("it is broken, encrypted, or packed in a way that is not read") from None


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
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return None
    if len(content) <= MAX_ENTRY_BYTES:
        return content
    return None


def _sessions(archive: zipfile.ZipFile, sessions: list[zipfile.ZipInfo], name: str) -> Iterator[Recorded]:
    for info in sessions:
        place = f"{name}, session {_number(info)}"
        try:
            answer = _content(archive, re.sub(r"(?i)_c\.txt$", "_s.txt", info.filename))
            yield _session(_content(archive, info.filename), answer, place)
        except Malformed as error:
            yield Unreadable(place, str(error))


def _number(info: zipfile.ZipInfo) -> str:
    found = _SAZ.fullmatch(info.filename)
    if found:
        return found[1]
    return ""


def _session(asked: bytes | None, answered: bytes | None, place: str) -> Exchange:
    require(asked, "the request cannot be read")
    request = request_of(asked or b"")
    return Exchange(request, _answer(request, answered), place, None, filtered=True)


def _answer(request: Request, answered: bytes | None) -> Answer | Failure:
    if not answered:
        return Failure("reset", "the recording has no answer")
    message = parse_message(answered)
    words = message.first.split(" ", 2)
    require(len(words) > 1 and words[1].isdigit(), "the answer has no HTTP status")
    is_bodiless = request.method == "HEAD" or message.is_cut
    return answer_of(int(words[1]), message.headers, None if is_bodiless else message.body)


FORMAT = Format(
    "archive",
    "ZIP archives: Fiddler's `.saz`, Playwright's `har.zip`, any of recordings",
    "its first bytes",
    lambda outline: outline.head.startswith(b"PK\x03\x04"),
    _read,
)
