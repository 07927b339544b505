"""`python -m generate_client [--check]`: generates `ni_contract/client/generated`, or reports edits of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError

_FOLDER = Path(__file__).parents[2] / "ni_contract" / "client" / "generated"
_TEMPLATES = Path(__file__).parent / "templates"


def main() -> int:
    """The exit code: 0; 1 if --check finds a difference; 2 if a library is missing or the document cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m generate_client", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if there is a difference")
    is_check = parser.parse_args().check
    try:
        files = render()
    except (ModuleNotFoundError, UsageError) as error:
        print(f"generate_client: {error} (it needs the packages of the extra `generate`)", file=sys.stderr)
        return 2
    if not is_check:
        write(files, _FOLDER)
    found = differences(files, _FOLDER)
    for sentence in found:
        print(f"ni_contract/client/generated: {sentence}; run python -m generate_client", file=sys.stderr)
    return bool(found)


def render(read: Callable[[str], str] = read_spec) -> dict[str, str]:
    """The text of each generated file by its name, from the contract's files by *read*. Raises UsageError."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from generate_client.facts import find_facts

    environment = Environment(  # noqa: S701  it writes Python, not HTML
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["literal"] = repr
    facts = find_facts(read)
    return {
        p.stem: environment.get_template(p.name).render(facts).rstrip() + "\n" for p in sorted(_TEMPLATES.glob("*.j2"))
    }


def differences(files: dict[str, str], folder: Path) -> list[str]:
    """One sentence for each file in *folder* that differs from *files*: changed, missing, or superfluous."""
    there = {path.name: path for path in folder.glob("*") if path.name != "__pycache__"}
    found = [f"{name} is missing" for name in files.keys() - there.keys()]
    found += [f"{name} is not generated" for name in there.keys() - files.keys()]
    found += [
        f"{name} was edited, or the OpenAPI document was"
        for name in files.keys() & there.keys()
        if not there[name].is_file() or there[name].read_text("utf-8") != files[name]
    ]
    return sorted(found)


def write(files: dict[str, str], folder: Path) -> None:
    """Writes *files* to *folder* and removes all others there."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in files and path.is_file():
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main())
