"""Renders the facts as a package, with the templates beside this module."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generate_client.document import Document
from generate_client.facts import find_facts
from ni_contract.contract.spec_files import read_spec

_TEMPLATES = Path(__file__).parent / "templates"
_ENDING = ".j2"
_WIDTH = 100


def render(document: Document | None = None) -> dict[str, str]:
    """The text of each generated file by name. Raises UsageError for a document that cannot be used."""
    facts = find_facts(document or Document("openapi.yaml", read_spec))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  it writes Python, not HTML
    )
    environment.filters.update(literal=_literal, lines=_lines, listed=_listed, repeated="{0}={0}".format)
    names = sorted(path.name for path in _TEMPLATES.glob(f"*{_ENDING}"))
    return {name.removesuffix(_ENDING): environment.get_template(name).render(facts=facts) for name in names}


def _literal(value: object) -> str:
    """*value* as Python: text in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _lines(text: str) -> list[str]:
    """*text* as adjacent string literals."""
    lines = textwrap.wrap(text, _WIDTH, drop_whitespace=False, break_on_hyphens=False)
    return [_literal(line) for line in lines]


def _listed(names: Iterable[object], depth: int) -> str:
    """A tuple of *names*: on one line, or one name a line if that is too long, indented *depth* levels."""
    items = list(map(str, names))
    line = f"({', '.join(items)}{',' * (len(items) == 1)})"
    if len(line) <= _WIDTH - 4 * depth:
        return line
    inner = "".join(f"\n{'    ' * (depth + 1)}{item}," for item in items)
    return f"({inner}\n{'    ' * depth})"
