"""Copies recordings with every secret masked, in the format that they have, so that they can be shared."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Exchange
from ni_contract.recordings.copy_documents import copy_json, copy_yaml
from ni_contract.recordings.decompress import CannotRead, Source, open_source
from ni_contract.recordings.entry import Malformed
from ni_contract.recordings.format import Format
from ni_contract.recordings.formats.jsonl import FORMAT as JSONL
from ni_contract.recordings.formats.jsonl import load_json, row_of
from ni_contract.recordings.lines import TooLong, lines_of
from ni_contract.recordings.masking import Masking
from ni_contract.recordings.outline import JSON, OTHER, YAML, Outline
from ni_contract.recordings.read import format_of, read_recordings, read_source

Write = Callable[[str], object]


def rewrite(
    files: Iterable[tuple[str, str]], folder: str, account: Credentials | None, roots: Iterable[str] = ()
) -> Iterator[str]:
    """Copies *files* (paths and names) to *folder* and yields a sentence about each.

    What was found below one of *roots* keeps its place there. What cannot be read is left out of the copy, since
    nobody knows what is in it. Raises UsageError when a copy cannot be written.
    """
    given = list(files)
    masking = Masking(account)
    for path, _ in given:
        for recorded in read_recordings(path):
            if isinstance(recorded, Exchange):
                masking.learn(recorded)
    taken: set[Path] = {Path(path).resolve() for path, _ in given}
    for path, name in given:
        yield _copy(Path(path), name, _free(Path(folder), _inside(name, roots), taken), masking)


def _inside(name: str, roots: Iterable[str]) -> Path:
    path = Path(name)
    for root in roots:
        if path.is_relative_to(root) and path != Path(root):
            return path.relative_to(root)
    return Path(path.name)


def _free(folder: Path, inside: Path, taken: set[Path]) -> Path:
    """A name in *folder* that is no input and no other copy."""
    number, found = 1, folder / inside
    while found.resolve() in taken:
        number += 1
        found = folder / inside.with_name(f"{inside.stem}-{number}{inside.suffix}")
    taken.add(found.resolve())
    return found


def _copy(path: Path, name: str, target: Path, masking: Masking) -> str:
    try:
        with closing(open_source(path, name)) as source:
            found, outline = format_of(source)
            is_document = _is_document(found, outline)
            if not is_document and (found.name != JSONL.name or not target.suffix):
                target = target.with_name(f"{target.name}.jsonl")
            with _written(target, source.packed if is_document or found.name == JSONL.name else "") as write:
                left_out = _copier(found, outline)(source, write, masking)
    except CannotRead as error:
        return f"{name}: not copied: {error}"
    parts = f", without {left_out} that cannot be read" if left_out else ""
    return f"{name}: copied to {target}{parts}"


@contextmanager
def _written(target: Path, packed: str) -> Iterator[Write]:
    """A function that writes text to *target*, packed as the original was. Raises UsageError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file, _packer(file, packed) as out:
            yield lambda text: out.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"--rewrite: {target} cannot be written: {error.strerror or error}") from None


def _packer(file: Any, packed: str) -> Any:
    if packed == "gzip":
        return gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0)
    if packed == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return closing(_Open(file))


class _Open:
    """A file that somebody else closes."""

    def __init__(self, file: Any) -> None:
        self.write = file.write

    def close(self) -> None:
        """Leaves it open."""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_document(found: Format, outline: Outline) -> bool:
    """Whether a copy can be a document of the same format. Raises CannotRead for stubs of which none can be made."""
    if found.items is not None and outline.syntax != OTHER:
        return True
    if found.is_stub:
        raise CannotRead(f"no copy without secrets can be made of {found.title}")
    return False


def _copier(found: Format, outline: Outline) -> Callable[[Source, Write, Masking], int]:
    if found.name == JSONL.name:
        return _jsonl
    if found.items is None or outline.syntax == OTHER:
        return _as_jsonl
    copy, place = _DOCUMENTS[outline.syntax], found.items.place(outline)
    return lambda source, write, masking: copy(source, place, write, masking.document)


_DOCUMENTS: Final = {JSON: copy_json, YAML: copy_yaml}


def _jsonl(source: Source, write: Write, masking: Masking) -> int:
    left_out = 0
    for line in lines_of(source.read):
        try:
            if isinstance(line, TooLong):
                raise Malformed("too long")
            if line.strip():
                row = load_json(line)
                if not isinstance(row, dict):
                    raise Malformed("no object")
                write(_json(masking.document(row)) + "\n")
        except (ValueError, RecursionError):
            left_out += 1
    return left_out


def _as_jsonl(source: Source, write: Write, masking: Masking) -> int:
    left_out = 0
    for recorded in read_source(source):
        if isinstance(recorded, Exchange):
            write(_json(row_of(masking.exchange(recorded))) + "\n")
        else:
            left_out += 1
    return left_out
