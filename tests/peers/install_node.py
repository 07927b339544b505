"""Installs the node packages of this folder: `python tests/peers/install_node.py FOLDER`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Installs into *folder*, without install scripts. Ends with npm's exit code when it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("package.json"), folder)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    try:
        sys.exit(subprocess.run(command, cwd=folder, check=False).returncode)
    except FileNotFoundError:
        sys.exit("tox -e peers cannot run: npm is not installed; install node and npm")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
