"""HTML elements as text; children that are not HTML are escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ni_contract.printable import printable_lines

_VOID = frozenset({"input", "meta", "br"})


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


Child = str | Iterable["Child"]


def element(tag: str, *children: Child, **attributes: str | int | bool) -> Html:
    """The element *tag*. An attribute's trailing _ is dropped, _ becomes -; True stands alone, False is left out."""
    opened = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    if tag in _VOID:
        return Html(opened)
    return Html(f"{opened}{joined(children)}</{tag}>")


def joined(children: Iterable[Child]) -> Html:
    """*children* joined."""
    return Html("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return text(child)
    return joined(child)


def text(value: str) -> Html:
    """*value* escaped, for use between tags or quotes; invisible characters become an escape such as `\x1b`."""
    return Html(escape(printable_lines(value)))


def _attribute(name: str, value: str | int | bool) -> str:
    if value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{text(str(value))}"'
