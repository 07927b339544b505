"""The pages of docs/: generated from the commands, with valid links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from site_pages.check import faults_of_site, pages_without_place
from site_pages.commands import commands_page

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]


def test_page_of_commands_is_current() -> None:
    """To update it: `PYTHONPATH=tools python -m site_pages --commands`."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == commands_page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="here"></h1><a href="b.html">b</a><a href="#here">ok</a><a href="#x">x</a>'
    )
    assert list(faults_of_site(tmp_path)) == ["a.html: b.html leads nowhere", "a.html: #x leads nowhere"]


def test_pages_outside_the_menu_are_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "lost.md").touch()
    (tmp_path / "docs" / "found.md").touch()
    (tmp_path / "zensical.toml").write_text('[project]\nnav = [{ "A" = ["found.md"] }]\n')
    assert [fault.split()[0] for fault in pages_without_place(tmp_path)] == ["lost.md"]
