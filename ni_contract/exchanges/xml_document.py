"""Parses an XML answer: no DTD, bounded depth and size, one pass, no dependency but expat."""

from dataclasses import dataclass, field
from xml.parsers import expat  # DTDs are refused below, before an entity can be declared

MAX_DEPTH, MAX_NODES = 20, 2_000


class MalformedXml(ValueError):
    """An error of bytes that are no acceptable XML document; its message is a sentence that says why."""


@dataclass(slots=True)
class Element:
    """An element below the root: name, attributes, its own text without the white space around it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inner: list[str] = field(default_factory=list)

    @property
    def value(self) -> str | list[str]:
        """The text; of an element with child elements, which has no value, their names."""
        return self.inner or self.text


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
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise MalformedXml(f"deeper than {MAX_DEPTH} levels or more than {MAX_NODES} nodes")
        if self.depth == 1:
            self.document.root = name
        elif self.depth == 2:
            self.document.children.append(Element(name, attributes))
        elif self.depth == 3:
            self.document.children[-1].inner.append(name)

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, data: str) -> None:
        if self.depth == 2:
            self.document.children[-1].text += data


def _refuse_doctype(*_args: object) -> None:
    raise MalformedXml("the document has a DTD")


def parse_xml(body: bytes) -> Document:
    """The document in *body*. Raises MalformedXml when it is not well-formed, has a DTD or passes the bounds."""
    builder = _Builder()
    # Namespaced elements get a "URI name" tag, so they never equal an unqualified one.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except MalformedXml:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise MalformedXml(f"not well-formed: {error}") from None
    for child in builder.document.children:
        child.text = child.text.strip(" \t\r\n")
    return builder.document
