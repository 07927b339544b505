"""HTML elements as text, in which all other text is escaped; the frame and the parts of every page."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.printable import printable_lines
from ni_contract.report.words import LABELS, SIGNS

Links = Iterable[tuple[str, str]]
# The document of a JSON report, and one of its clauses.
Document = Mapping[str, Any]
Clause = Mapping[str, Any]
_BAR_WIDTH = 1000
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


def page(title: str, links: Links, body: Child, description: str = "") -> str:
    """The document with *title*; *links* are the ids of its sections with their names."""
    style, script = _asset("report.css"), _asset("report.js")
    # Even unescaped text of a provider or client could not load or run anything.
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    parts = {
        "policy": text(policy),
        "description": text(description or title),
        "title": text(title),
        "style": style,
        "links": joined(element("a", name, href=f"#{anchor}") for anchor, name in links),
        "body": joined([body]),
        "script": script,
    }
    return f"{Template(_asset('page.html')).substitute(parts)}\n"


def section(anchor: str, title: str, *children: Child) -> Html:
    """A section with its heading, by which screen readers find it."""
    heading = element("h2", title, id=f"{anchor}-title")
    return element("section", heading, joined(children), id=anchor, aria_labelledby=f"{anchor}-title")


def table(caption: str, names: Iterable[Child], body: Iterable[Html], kind: str) -> Html:
    """A table of the rows *body* under a caption and the *names* of its columns."""
    head = element("tr", [element("th", name, scope="col") for name in names])
    parts = (element("caption", caption), element("thead", head), element("tbody", body))
    return element("table", parts, class_=kind)


def scrolled(wide: Html) -> Html:
    """*wide*, which is scrolled by itself where it does not fit, by keyboard too."""
    return element("div", wide, class_="scroll", tabindex="0", role="group", aria_label="Table, may be scrolled")


def rows(pairs: Iterable[tuple[str, Child]], kind: str = "facts") -> Html:
    """Rows of names and values."""
    return element(
        "dl", [element("div", element("dt", name), element("dd", value)) for name, value in pairs], class_=kind
    )


def copyable(value: str, what: str) -> Html:
    """*value* as code, with a button that copies it; the script shows the button."""
    button = element("button", "Copy", type="button", class_="copy", hidden=True, aria_label=f"Copy {what}")
    return element("div", element("pre", value), button, class_="copyable")


def chip(word: str, more: str = "") -> Html:
    """The verdict *word* with its sign, because some people cannot distinguish the colours."""
    sign = element("span", SIGNS.get(word, ""), aria_hidden="true", class_="sign")
    return element("span", sign, f" {LABELS.get(word, word)}{more}", class_=f"chip {word}")


def bar(words: Iterable[str], height: int = 8) -> Html:
    """A bar with a part for each verdict, in proportion; the text beside it repeats the counts."""
    counts = Counter(words)
    total, start, parts = sum(counts.values()) or 1, 0.0, []
    for word in LABELS:
        width = counts[word] * _BAR_WIDTH / total
        if width:
            parts.append(element("rect", x=f"{start:.1f}", y=0, width=f"{width:.1f}", height=height, class_=word))
        start += width
    box = f"0 0 {_BAR_WIDTH} {height}"
    return element("svg", parts, viewBox=box, preserveAspectRatio="none", class_="bar", aria_hidden="true")


def statements(clause_id: str, section: str) -> Html:
    """The page's sentences for *clause_id*, in our words, or the *section* of an observation."""
    catalogue = load_catalogue()
    found = [one for one in catalogue.sentences if clause_id in one.clauses]
    if not found:
        return element("p", element("b", "Source: "), section, class_="statement")
    items = [element("li", f"{one.section}, sentence {one.number}: {one.about}") for one in found]
    return element("div", element("b", "The reference page states:"), element("ul", items), class_="statement")


@cache
def _asset(name: str) -> str:
    return files("ni_contract.report.html").joinpath(name).read_text("utf-8").strip()


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
