"""Reads an XML answer: no DTD, bounded depth and size, one pass, no dependency but expat."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat  # DTDs are refused below, before an entity can be declared

DEEPEST, MOST_NODES = 20, 2_000


class NotXml(ValueError):
    """The bytes are not an acceptable XML document: its message is a sentence that says why."""


@dataclass(slots=True)
class Element:
    """An element below the root: name, attributes, its own text without the white space around it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass(slots=True)
class Document:
    """The root's name and the elements directly below it, in order."""

    root: str = ""
    children: list[Element] = field(default_factory=list)


class _Builder:
    def __init__(self) -> None:
        self.document = Document()
        self.depth = self.nodes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.nodes += 1 + len(attributes)
        if self.depth > DEEPEST or self.nodes > MOST_NODES:
            raise NotXml(f"deeper than {DEEPEST} levels or more than {MOST_NODES} nodes")
        if self.depth == 1:
            self.document.root = name
        elif self.depth == 2:
            self.document.children.append(Element(name, attributes))

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, data: str) -> None:
        if self.depth == 2:
            self.document.children[-1].text += data


def _refuse_doctype(*_args: object) -> None:
    raise NotXml("the document has a DTD")


def parse_xml(body: bytes) -> Document:
    """The document in *body*. Raises NotXml when it is not well-formed, has a DTD or passes the bounds."""
    builder = _Builder()
    # A namespace makes other names of all names; with a separator such a name cannot pass for one of ours.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise error if isinstance(error, NotXml) else NotXml(f"not well-formed: {error}") from None
    for child in builder.document.children:
        child.text = child.text.strip()
    return builder.document
