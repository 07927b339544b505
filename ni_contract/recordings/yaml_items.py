"""The values at one place of a YAML document, one after the other where its layout allows that."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ni_contract.recordings.decompress import CannotRead, Source, lines_of
from ni_contract.recordings.entry import MAX_ENTRY_BYTES, Malformed
from ni_contract.recordings.outline import ITEM

# Maximum size of a document that is parsed whole, which takes ten times its size in memory.
MAX_WHOLE_FILE_BYTES: Final = 4_000_000
_ALIAS: Final = re.compile(rb"(?m)[:-] +\*[\w-]+\s*$")
_FIRST_DASH: Final = rb"[ \t]*(?:#[^\n]*)?\r?\n( *)-[ \r\n]"
_ROOT_DASH: Final = re.compile(rb"(?:(?:---|#|%)[^\n]*\n|[ \r]*\n)*( *)-[ \r\n]")
_MEMBER: Final = rb"[\"']?\w[\w .-]*[\"']?[ \t]*:"

Load = Callable[[bytes], Any]


def yaml_items(source: Source, place: str) -> Iterator[Any]:
    """The values at the path *place*, a Malformed for each unreadable one. Raises CannotRead.

    In the usual layout each item begins with a dash at the same margin, and only one is in memory at a time. Other
    layouts, and items that refer to each other, are read whole, if they are small.
    """
    load = yaml_loader()
    if margin_of(source, place) is None:
        yield from _at(whole_yaml(source), [step for step in place.split(".") if step])
        return
    for number, piece in enumerate(pieces_of(source, place)):
        # The text before the first dash is the name of the list.
        if number:
            yield _one(load, piece)


def margin_of(source: Source, place: str) -> bytes | None:
    """The white space before the dash of each item; None where the document has to be read whole."""
    name, _, last = place.rpartition(".")
    start = source.peek(MAX_WHOLE_FILE_BYTES)
    if last != ITEM or "." in name or _ALIAS.search(start):
        return None
    key = re.escape(name.encode())
    found = re.search(rb"(?m)^[\"']?" + key + rb"[\"']?:" + _FIRST_DASH, start) if key else _ROOT_DASH.match(start)
    if found:
        return found[1]
    return None


def whole_yaml(source: Source) -> Any:
    """The document. Raises CannotRead."""
    data = source.peek(MAX_WHOLE_FILE_BYTES + 1)
    if len(data) > MAX_WHOLE_FILE_BYTES:
        raise CannotRead(f"it is YAML in an unusual layout and larger than {MAX_WHOLE_FILE_BYTES} bytes")
    found = yaml_loader()(data)
    if isinstance(found, Malformed):
        raise CannotRead(str(found))
    return found


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif path[0] == ITEM and isinstance(value, list):
        for one in value:
            yield from _at(one, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _one(load: Load, piece: bytes) -> Any:
    item = load(piece)
    if isinstance(item, list) and len(item) == 1:
        return item[0]
    if isinstance(item, Malformed):
        return item
    return Malformed("it is no entry")


def pieces_of(source: Source, place: str) -> Iterator[bytes]:
    """The text of each item of the list, one by one; first the text before it. Raises CannotRead."""
    margin = margin_of(source, place) or b""
    dash = re.compile(margin + rb"-(?:[ \r\n]|\Z)")
    # A member of the object that holds the list.
    outside = re.compile(b" {0,%d}" % len(margin) + _MEMBER)
    piece: list[bytes] = []
    size, number, ended = 0, 0, False
    for line, _ in lines_of(source.read):
        if line is None:
            raise CannotRead(f"it has a line of more than {MAX_ENTRY_BYTES} bytes")
        if not ended and dash.match(line):
            yield b"".join(piece)
            piece, size, number = [], 0, number + 1
        size += len(line)
        if size > MAX_ENTRY_BYTES:
            raise CannotRead(f"it has an entry of more than {MAX_ENTRY_BYTES} bytes")
        # Another member of the document ends the list.
        ended = ended or (number > 0 and outside.match(line) is not None)
        if not ended:
            piece.append(line)
    yield b"".join(piece)


def yaml_loader() -> Load:
    """A function from bytes to their value, or a Malformed. Raises CannotRead where PyYAML is not installed."""
    try:
        import yaml
    except ImportError:
        raise CannotRead("it is YAML; pip install 'ni-contract[recordings]' to read it") from None
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (base,), {})
    # Ruby writes this tag for YAML's !!binary.
    loader.add_constructor("!binary", base.construct_yaml_binary)
    loader.add_multi_constructor("tag:yaml.org,2002:python/", _plain_value)
    loader.add_multi_constructor("!", _plain_value)

    def load(data: bytes) -> Any:
        try:
            return yaml.load(data.decode("utf-8"), Loader=loader)  # noqa: S506  a safe loader
        except UnicodeDecodeError as error:
            return Malformed(f"it is not UTF-8: byte {data[error.start]:#04x}")
        except (yaml.YAMLError, ValueError, RecursionError):
            return Malformed("it is not YAML")

    return load


def _plain_value(loader: Any, _tag: str, node: Any) -> Any:
    """The plain value inside a tagged object of Python or Ruby; no code of its class is called."""
    if node.id == "scalar":
        return loader.construct_scalar(node)
    if node.id == "sequence":
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)
