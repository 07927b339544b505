"""Copies recordings with every secret masked, in their own format, so that they can be shared."""

import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final, NamedTuple

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.files import check_output, identities, reason_of, replacement
from ni_contract.recordings.copy_documents import copy_json, copy_yaml
from ni_contract.recordings.decompress import CannotRead, Source, lines_of, open_source
from ni_contract.recordings.entry import record
from ni_contract.recordings.format import Format
from ni_contract.recordings.formats.jsonl import FORMAT as JSONL
from ni_contract.recordings.formats.jsonl import load_json
from ni_contract.recordings.layers import UnseenError
from ni_contract.recordings.masking import Masking
from ni_contract.recordings.outline import JSON, YAML, Outline
from ni_contract.recordings.read import format_of, read_recordings, read_source

Write = Callable[[str], object]
Copier = Callable[[Source, Write, Masking], int]
_COPY: Final = ""


class CopyResult(NamedTuple):
    """The end of one copy: whether it was made, and a sentence about it."""

    is_made: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """A copy to be made: of the recording at *path*, called *name*, to *target*; *why_not* is why none can be made."""

    path: Path
    name: str
    target: Path
    copier: Copier
    packed: str = ""
    why_not: str = ""


def plan_copies(
    files: Iterable[tuple[str, str]], folder: str, roots: Iterable[str] = (), overwrite: bool = False
) -> list[PlannedCopy]:
    """The copies of *files* (paths and names) in *folder*; no two have one name, and none replaces an input.

    A file found below one of *roots* keeps its relative place. Raises UsageError for an existing target, unless
    *overwrite* is set, and for an input that may be an earlier copy.
    """
    given = list(files)
    for path, name in given:
        if name not in roots and Path(path).resolve().is_relative_to(Path(folder).resolve()):
            raise UsageError(_own_copy(folder, name))
    taken = dict(chain.from_iterable(zip(identities(path), repeat(name)) for path, name in given))
    copies = [_planned(Path(path), name, Path(folder), _inside(name, roots), taken) for path, name in given]
    there = [copy.target for copy in copies if os.path.lexists(copy.target)]
    if there and not overwrite:
        raise UsageError(f"--rewrite: {there[0]} is there already; give another folder, or --force to replace it")
    for copy in copies:
        if copy.target.parent.is_dir():
            check_output("--rewrite", str(copy.target))
    return copies


def rewrite(copies: Iterable[PlannedCopy], account: Credentials | None) -> Iterator[CopyResult]:
    """Makes *copies* and yields the result of each.

    Unreadable parts are left out of a copy, because they may contain secrets; where a copy cannot be shown to be
    free of secrets, none is made. Raises UsageError when a copy cannot be written.
    """
    given, masking = list(copies), Masking(account)
    try:
        for copy in given:
            for recorded in read_recordings(copy.path):
                if isinstance(recorded, Exchange):
                    masking.learn(recorded)
    except UnseenError as error:
        yield from (CopyResult(False, f"{copy.name}: not copied: {error}") for copy in given)
        return
    for copy in given:
        yield _copy(copy, masking)


def _inside(name: str, roots: Iterable[str]) -> Path:
    path = Path(name)
    for root in roots:
        if path.is_relative_to(root) and path != Path(root):
            return path.relative_to(root)
    return Path(path.name)


def _planned(path: Path, name: str, folder: Path, inside: Path, taken: dict[object, str]) -> PlannedCopy:
    copier: Copier = _as_jsonl
    packed = why_not = ""
    try:
        with closing(open_source(path, name)) as source:
            copier = _copier(*format_of(source))
            if copier is not _as_jsonl:
                packed = source.packed
    except CannotRead as error:
        why_not = str(error)
    if not why_not and (copier is _as_jsonl or (copier is _jsonl and not inside.suffix)):
        inside = inside.with_name(f"{inside.name}.jsonl")
    return PlannedCopy(path, name, _free(name, folder, inside, taken), copier, packed, why_not)


def _free(name: str, folder: Path, inside: Path, taken: dict[object, str]) -> Path:
    """A path in *folder* that is no input and no other copy, nor a link to one. Raises UsageError for another input."""
    number, found = 1, folder / inside
    while owners := [taken[identity] for identity in identities(str(found)) if identity in taken]:
        if owners[0] not in (name, _COPY):
            raise UsageError(_own_copy(str(folder), owners[0]))
        number += 1
        found = folder / inside.with_name(f"{inside.stem}-{number}{inside.suffix}")
    taken.update(dict.fromkeys(identities(str(found)), _COPY))
    return found


def _own_copy(folder: str, name: str) -> str:
    return f"--rewrite {folder}: {name}, which is to be read, would be one of its own copies; give another folder"


def _copy(copy: PlannedCopy, masking: Masking) -> CopyResult:
    if copy.why_not:
        return CopyResult(False, f"{copy.name}: not copied: {copy.why_not}")
    try:
        with closing(open_source(copy.path, copy.name)) as source, _written(copy.target, copy.packed) as write:
            left_out = copy.copier(source, write, masking)
    except CannotRead as error:
        return CopyResult(False, f"{copy.name}: not copied: {error}")
    except UnseenError as error:
        why = "not copied, for it cannot be shown to be free of secrets"
        return CopyResult(False, f"{copy.name}: {why}: {error}")
    copied = f"{copy.name}: copied to {copy.target}"
    if left_out:
        copied += f", without {left_out} that cannot be read"
    return CopyResult(True, copied)


@contextmanager
def _written(target: Path, packed: str) -> Iterator[Write]:
    """A function that writes text to *target*, compressed as the original was. Raises UsageError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacement(check_output("--rewrite", str(target))) as file, _packer(file, packed) as out:
            yield lambda text: out.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"--rewrite: {target} cannot be written: {reason_of(error)}") from None


def _packer(file: Any, packed: str) -> Any:
    if packed == "gzip":
        return gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0)
    if packed == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return nullcontext(file)


def _copier(found: Format, outline: Outline) -> Copier:
    """The function that copies a file in its own format, or as JSONL; it returns the number of parts left out."""
    if found.name == JSONL.name:
        return _jsonl
    if found.place is None:
        return _as_jsonl
    copy, place = _DOCUMENTS[outline.syntax], found.place(outline)
    return lambda source, write, masking: copy(source, place, write, masking.document)


_DOCUMENTS: Final = {JSON: copy_json, YAML: copy_yaml}


def _jsonl(source: Source, write: Write, masking: Masking) -> int:
    left_out = 0
    for line, _ in lines_of(source.read):
        try:
            if line is None or line.strip():
                row = record(load_json(line or b""), "the line")
                write(json.dumps(masking.document(row), ensure_ascii=False) + "\n")
        except (ValueError, RecursionError):
            left_out += 1
    return left_out


def _as_jsonl(source: Source, write: Write, masking: Masking) -> int:
    left_out = 0
    for recorded in read_source(source):
        if isinstance(recorded, Exchange):
            write(masking.line(recorded))
        else:
            left_out += 1
    return left_out
