"""Builds the site: `PYTHONPATH=tools python -m site_pages FOLDER` writes it to FOLDER/site and checks its links.

`python -m site_pages --commands` writes docs/commands.md anew.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from site_pages.api import api_page
from site_pages.check import faults_of_site, pages_without_place
from site_pages.clauses import clause_pages
from site_pages.commands import commands_page

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = Path(__file__).parent / "zensical.toml"
# Pages outside docs/, by their names in the site.
OUTSIDE = {"index.md": "README.md", "changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
OUTSIDE |= {"report-a-fault.md": "SECURITY.md"}


def main(arguments: list[str]) -> int:
    if arguments == ["--commands"]:
        (ROOT / "docs" / "commands.md").write_text(commands_page(), "utf-8")
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    write_pages(folder / "docs")
    shutil.copy(CONFIGURATION, folder)
    words = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--config-file"]
    built = subprocess.run([*words, str(folder / "zensical.toml")], cwd=folder, check=False)
    if built.returncode:
        return built.returncode
    faults = [*pages_without_place(folder), *faults_of_site(folder / "site")]
    print("\n".join(faults) or f"no warning, no broken link, no page without a place: {folder / 'site'}")
    return 1 if faults else 0


def write_pages(docs: Path) -> None:
    """Copies the manual pages to *docs*, and writes the generated ones."""
    shutil.copytree(ROOT / "docs", docs)
    for name, source in OUTSIDE.items():
        (docs / name).write_text(_moved((ROOT / source).read_text("utf-8")), "utf-8")
    for page in docs.glob("*.md"):
        page.write_text(page.read_text("utf-8").replace("](../SECURITY.md)", "](report-a-fault.md)"), "utf-8")
    for name, text in clause_pages(docs.parent / "work").items():
        (docs / "clauses").mkdir(exist_ok=True)
        (docs / "clauses" / name).write_text(text, "utf-8")
    (docs / "api.md").write_text(api_page(), "utf-8")


def _moved(text: str) -> str:
    """A page of the root with its links adapted to docs/."""
    moved = text.replace("](docs/", "](").replace("](README.md)", "](index.md)")
    for name, source in OUTSIDE.items():
        moved = moved.replace(f"]({source})", f"]({name})")
    return moved


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
