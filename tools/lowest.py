"""`python tools/lowest.py`: installs the lowest version that pyproject.toml allows of each direct dependency."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
# Bounds of these groups hold for tools of the tests, where only what the package itself needs is to be old.
_EXTRAS = ("fast", "recordings", "parquet")


def lowest(requirements: Iterable[str]) -> list[str]:
    """*requirements* such as `tqdm>=4.67; …`, each pinned to the version that it begins with."""
    return [re.sub(r"[>=]=([^,;]+)[^;]*", r"==\1", requirement) for requirement in requirements]


def main() -> int:
    """Installs them into the environment of this Python and returns pip's exit code."""
    project = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    pins = lowest([*project["dependencies"], *(one for name in _EXTRAS for one in extras.get(name, ()))])
    command = [sys.executable, "-m", "pip", "install", "--quiet", *pins]
    return subprocess.run(command, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main())
