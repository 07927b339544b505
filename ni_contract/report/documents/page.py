"""Renders HTML, SVG and Markdown from templates; all values are escaped, and their invisible characters shown."""

import tomllib
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ni_contract.printable import markdown_text, printable_lines
from ni_contract.report.words import AREAS, LABELS, SIGNS, area_of, counted, plural

if TYPE_CHECKING:
    from jinja2 import Environment
_BAR_WIDTH = 1000


def page(template: str, **values: Any) -> str:
    """The text of *template*, a file of this package, with *values*; a missing one raises jinja2.UndefinedError."""
    return _environment(template.endswith(".md")).get_template(template).render(values).rstrip("\n") + "\n"


@cache
def _environment(is_markdown: bool) -> "Environment":
    """The settings of all templates. Jinja is imported here, for most runs write no page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("ni_contract.report", "documents"),
        autoescape=select_autoescape(("html", "svg")),
        undefined=StrictUndefined,
        finalize=partial(_shown, markdown_text if is_markdown else printable_lines),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"AREAS": AREAS, "LABELS": LABELS, "SIGNS": SIGNS, "BAR_WIDTH": _BAR_WIDTH}
    made.globals |= {"GLOSSARY": tomllib.loads(_file("glossary.toml"))}
    made.globals |= {"area_of": area_of, "counted": counted, "plural": plural, "shares": _shares}
    # The policy of a page lets nothing but these be loaded or run: unescaped text of a provider or client could not.
    for name, file in (("style", "report.css"), ("script", "report.js")):
        digest = b64encode(sha256(_file(file).encode()).digest()).decode()
        made.globals |= {name: Markup(_file(file)), f"{name}_hash": f"sha256-{digest}"}  # noqa: S704  our own files
    return made


def _shown(escaped: Callable[[str], str], value: object) -> object:
    """*value*; a text as *escaped* returns it. Jinja escapes it for HTML later, and what is marked safe stays."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return escaped(value)
    return value


def _shares(words: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Each verdict of *words* with start and width of its part of a bar."""
    counts, start = Counter(words), 0.0
    for word in filter(counts.__getitem__, LABELS):
        width = counts[word] * _BAR_WIDTH / counts.total()
        yield word, f"{start:.1f}", f"{width:.1f}"
        start += width


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8").strip()
