"""Installs the node packages of a package.json: `python tools/install_node.py tests/peers FOLDER`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def main(listed: Path, folder: Path) -> None:
    """Installs the packages of *listed*/package.json into *folder*, without install scripts. Ends with npm's code."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(listed / "package.json", folder)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    try:
        sys.exit(subprocess.run(command, cwd=folder, check=False).returncode)
    except FileNotFoundError:
        sys.exit("this cannot run: npm is not installed; install node and npm")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
