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
from ni_contract.recordings.decompress import CannotRead, Source, open_source
from ni_contract.recordings.detect_format import FLOWS, HAR, JSONL, PARQUET, VCR_JSON, VCR_YAML
from ni_contract.recordings.entry import Malformed
from ni_contract.recordings.formats.jsonl import load_json, row_of
from ni_contract.recordings.formats.vcr import LISTS, cassette_yaml_items
from ni_contract.recordings.json_stream import JsonStream
from ni_contract.recordings.lines import TooLong, lines_of
from ni_contract.recordings.masking import Masking
from ni_contract.recordings.read import kind_of, read_recordings, read_source

Write = Callable[[str], object]
_AS_JSONL: Final = (FLOWS, PARQUET)


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
            kind = kind_of(source)
            if kind in _AS_JSONL or (kind == JSONL and not target.suffix):
                target = target.with_name(f"{target.name}.jsonl")
            with _written(target, source.packed if kind not in _AS_JSONL else "") as write:
                left_out = _WRITERS[kind](source, write, masking)
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


def _har(source: Source, write: Write, masking: Masking) -> int:
    return _json_lists(JsonStream(source.read), write, masking, {"log": {"entries"}})


def _cassette_json(source: Source, write: Write, masking: Masking) -> int:
    return _json_lists(JsonStream(source.read), write, masking, set(LISTS))


def _json_lists(stream: JsonStream, write: Write, masking: Masking, lists: Any) -> int:
    """Copies an object member by member; those named in *lists* item by item. A cut-off one ends where it is cut."""
    left_out, comma, is_open = 0, "{", False
    try:
        for name in stream.members():
            write(f"{comma}{_json(name)}: ")
            comma, is_open = ",\n", True
            if isinstance(lists, dict) and name in lists and stream.next() == "{":
                left_out += _json_lists(stream, write, masking, lists[name])
            elif name in lists and stream.next() == "[":
                left_out += _items(stream, write, masking)
            else:
                write(_json(masking.document(stream.value())))
            is_open = False
    except (CannotRead, Malformed):
        write("null" if is_open else "")
        left_out += 1
    write("{}\n" if comma == "{" else "}\n")
    return left_out


def _items(stream: JsonStream, write: Write, masking: Masking) -> int:
    left_out, comma = 0, "["
    try:
        for _ in stream.items():
            value = stream.value()
            try:
                text = _json(masking.document(value))
            except Malformed:
                left_out += 1
                continue
            write(comma + text)
            comma = ",\n"
    except CannotRead:
        left_out += 1
    write("[]" if comma == "[" else "]")
    return left_out


def _cassette_yaml(source: Source, write: Write, masking: Masking) -> int:
    import yaml

    head = source.peek(2_000)
    write("http_interactions:\n" if b"http_interactions" in head else "interactions:\n")
    left_out = 0
    for item in cassette_yaml_items(source):
        try:
            if isinstance(item, Malformed):
                raise item
            write(yaml.safe_dump([masking.document(item)], allow_unicode=True, sort_keys=False, width=1 << 16))
        except (Malformed, yaml.YAMLError):
            left_out += 1
    write("version: 1\n")
    return left_out


_WRITERS: Final[dict[str, Callable[[Source, Write, Masking], int]]] = {
    HAR: _har,
    JSONL: _jsonl,
    VCR_JSON: _cassette_json,
    VCR_YAML: _cassette_yaml,
    FLOWS: _as_jsonl,
    PARQUET: _as_jsonl,
}
