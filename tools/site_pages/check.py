"""The faults of a built site: broken links, and pages missing in the menu."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {given.get("id") or "", given.get("name") or ""}
        link = given.get("href") or given.get("src")
        if link:
            self.links.append(link)


def faults_of_site(site: Path) -> Iterator[str]:
    """A sentence for each link in *site* without a target file or anchor."""
    pages = {file.resolve(): _Page(file.read_text("utf-8")) for file in site.rglob("*.html") if file.name != "404.html"}
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc and _leads_nowhere(file, parts.path, parts.fragment, pages):
                yield f"{file.relative_to(site.resolve())}: {link} leads nowhere"


def _leads_nowhere(file: Path, path: str, fragment: str, pages: dict[Path, _Page]) -> bool:
    target = (file.parent / unquote(path)).resolve() if path else file
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return True
    return bool(fragment) and target in pages and unquote(fragment) not in pages[target].anchors


def pages_without_place(folder: Path) -> Iterator[str]:
    """A sentence for each page of *folder*/docs that the menu in zensical.toml lacks."""
    menu = tomllib.loads((folder / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    named = set(_names(menu))
    for page in sorted((folder / "docs").rglob("*.md")):
        name = str(page.relative_to(folder / "docs"))
        if name not in named:
            yield f"{name} is in no menu: give it a place in tools/site_pages/zensical.toml"


def _names(menu: Any) -> Iterator[str]:
    if isinstance(menu, str):
        yield menu
    elif isinstance(menu, dict):
        for inner in menu.values():
            yield from _names(inner)
    else:
        for inner in menu:
            yield from _names(inner)
