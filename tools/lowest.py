"""`python tools/lowest.py`: installs the lowest version that pyproject.toml allows of each direct dependency."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
# Lower bounds of these groups are for tools of the tests; only the package's own dependencies are tested.
_EXTRAS = ("fast", "recordings", "parquet")


def lowest(requirements: Iterable[str]) -> list[str]:
    """*requirements* such as `tqdm>=4.67; …`, each pinned to its lower bound."""
    return [re.sub(r"[>=]=([^,;]+)[^;]*", r"==\1", requirement) for requirement in requirements]


def main() -> int:
    """Installs them into this Python's environment and returns pip's exit code."""
    project = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    pins = lowest([*project["dependencies"], *(one for name in _EXTRAS for one in extras.get(name, ()))])
    command = [sys.executable, "-m", "pip", "install", "--quiet", *pins]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
