"""`python -m generate_client [--check]`: generates `ni_contract/client/generated`, or reports edits of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ni_contract.errors import UsageError

_FOLDER = Path(__file__).parents[2] / "ni_contract" / "client" / "generated"


def main() -> int:
    """The exit code: 0; 1 if --check finds a difference; 2 if a library is missing or the document cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m generate_client", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if there is a difference")
    args = parser.parse_args()
    try:
        files = _rendered()
    except UsageError as error:
        print(f"generate_client: {error}", file=sys.stderr)
        return 2
    if args.check:
        return _report(differences(files, _FOLDER))
    write(files, _FOLDER)
    return 0


def _rendered() -> dict[str, str]:
    try:
        from generate_client.render import render
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed; pip install 'ni-contract[generate]'") from None
    return render()


def differences(files: dict[str, str], folder: Path) -> list[str]:
    """One sentence for each file in *folder* that differs from *files*: changed, missing, or superfluous."""
    there = {path.name: path for path in folder.iterdir() if path.name != "__pycache__"} if folder.is_dir() else {}
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


def _report(found: list[str]) -> int:
    for sentence in found:
        print(f"ni_contract/client/generated: {sentence}; run python -m generate_client", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
