"""Parses an XML answer: no DTD, bounded depth and size, one pass, no dependency but expat."""

from dataclasses import dataclass, field
from xml.parsers import expat  # DTDs are refused below, before an entity can be declared

MAX_DEPTH, MAX_NODES = 20, 2_000


class MalformedXml(ValueError):
    """An error of bytes that are no acceptable XML document; its message is a sentence that says why."""


@dataclass(slots=True)
class Element:
    """An element: name, attributes, its own text, the elements directly in it."""

    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    @property
    def value(self) -> str | list[str]:
        """The text; of an element with child elements, which has no value, their names."""
        return [child.name for child in self.children] or self.text


class _Builder:
    def __init__(self) -> None:
        # The open elements, innermost last; the first only holds the root.
        self.open, self.nodes = [Element()], 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1 + len(attributes)
        if len(self.open) > MAX_DEPTH or self.nodes > MAX_NODES:
            raise MalformedXml(f"deeper than {MAX_DEPTH} levels or more than {MAX_NODES} nodes")
        element = Element(name, attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def text(self, data: str) -> None:
        self.open[-1].text += data


def _refuse_doctype(*_args: object) -> None:
    raise MalformedXml("the document has a DTD")


def parse_xml(body: bytes) -> Element:
    """The root of the document in *body*; the text of the elements directly in it has no white space around it.

    Raises MalformedXml when it is not well-formed, has a DTD or passes the bounds.
    """
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
    root = builder.open[0].children[0]
    for child in root.children:
        child.text = child.text.strip(" \t\r\n")
    return root
