"""Lint spec/openapi.yaml: openapi-spec-validator, Redocly and Spectral, at pinned versions.

    python spec-lint/lint.py [DIRECTORY]

DIRECTORY keeps the node packages from one run to the next; without it they go to tox's directory, or to a
temporary one. Needs `openapi-spec-validator` in this Python, and `node` and `npm` on the path.
Exit code: 0 clean, 1 a linter objects, 3 a linter could not be installed or started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "spec" / "openapi.yaml"
MANIFESTS = ("package.json", "package-lock.json")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "SCARF_ANALYTICS": "false"}


class CannotRun(Exception):
    """A linter could not be installed or started: this says nothing about the document."""


def main(arguments: list[str]) -> int:
    try:
        with working_directory(arguments) as directory:
            install(directory)
            codes = [lint(command) for command in commands(directory)]
    except CannotRun as reason:
        print(f"spec-lint: {reason}", file=sys.stderr)
        return 3
    return 1 if any(codes) else 0


@contextmanager
def working_directory(arguments: list[str]) -> Iterator[Path]:
    kept = arguments[0] if arguments else os.environ.get("TOX_ENV_DIR")
    if kept:
        yield Path(kept, "spec-lint").resolve()
        return
    with tempfile.TemporaryDirectory(prefix="spec-lint-") as temporary:
        yield Path(temporary)


def install(directory: Path) -> None:
    if find_spec("openapi_spec_validator") is None:
        raise CannotRun("openapi-spec-validator is not installed in this Python")
    if is_installed(directory):
        return
    directory.mkdir(parents=True, exist_ok=True)
    for name in MANIFESTS:
        shutil.copy(HERE / name, directory)
    # No package here needs its install script, and one of them only reports home.
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if run(npm, cwd=directory):
        # Otherwise the next run would take the half of it for the whole.
        (directory / MANIFESTS[0]).unlink()
        raise CannotRun("npm could not install the linters")


def is_installed(directory: Path) -> bool:
    return (directory / "node_modules").is_dir() and all(same(directory / name, HERE / name) for name in MANIFESTS)


def same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def commands(directory: Path) -> list[list[str]]:
    binaries = directory / "node_modules" / ".bin"
    return [
        [sys.executable, "-m", "openapi_spec_validator", str(DOCUMENT)],
        [str(binaries / "redocly"), "lint", "--config", str(HERE / "redocly.yaml"), str(DOCUMENT)],
        [str(binaries / "spectral"), "lint", "--ruleset", str(HERE / ".spectral.yaml"), "--fail-severity=warn",
         str(DOCUMENT)],
    ]  # fmt: skip


def lint(command: list[str]) -> int:
    # The linters write to the same terminal, unbuffered.
    print("+", " ".join(command), flush=True)
    return run(command)


def run(command: list[str], cwd: Path | None = None) -> int:
    try:
        # The commands are written out above; no part of them is anybody's input.
        return subprocess.run(command, cwd=cwd, env={**os.environ, **QUIET}, check=False).returncode  # noqa: S603
    except FileNotFoundError as missing:
        raise CannotRun(f"{command[0]} is not installed") from missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
