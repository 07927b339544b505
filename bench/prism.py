"""`@stoplight/prism-cli` mocking our OpenAPI document: from the npm registry, pinned, never into the repository."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from figures import MeasuringError
from processes import environment

VERSION = "5.16.0"
DOCUMENT = Path(__file__).resolve().parents[1] / "spec" / "openapi.yaml"
QUIET, DEFAULT = "Prism quiet", "Prism default"
_INSTALL_SECONDS = 300
_SILENT = {QUIET: ("--verboseLevel", "silent"), DEFAULT: ()}
# No package here needs its install script, and one of them only reports home.
_NPM = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")


@contextmanager
def installed(directory: Path | None) -> Iterator[Path]:
    """The program, in *directory*, which keeps it, or in a temporary one. Raises MeasuringError if it cannot be had."""
    if directory is not None:
        yield _program(directory.resolve())
        return
    with tempfile.TemporaryDirectory(prefix="bench-prism-") as temporary:
        yield _program(Path(temporary))


def command(program: Path, name: str) -> list[str]:
    """The command line of the mock called *name*: `QUIET` or `DEFAULT`."""
    return [str(program), "mock", "--host", "127.0.0.1", "--port", "0", *_SILENT[name], str(DOCUMENT)]


def settings() -> dict[str, str]:
    """The environment to run it in."""
    return environment(SCARF_ANALYTICS="false")


def _program(directory: Path) -> Path:
    program = directory / VERSION / "node_modules" / ".bin" / "prism"
    if not program.exists():
        _install(directory / VERSION)
    return program


def _install(directory: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise MeasuringError("Prism needs node and npm on the path; --no-prism measures the rest")
    directory.mkdir(parents=True, exist_ok=True)
    line = [npm, *_NPM, "--prefix", str(directory), f"@stoplight/prism-cli@{VERSION}"]
    try:
        done = subprocess.run(  # noqa: S603
            line, env=settings(), capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise MeasuringError(f"npm did not install Prism within {_INSTALL_SECONDS} s") from None
    if done.returncode:
        raise MeasuringError(f"npm could not install Prism: {done.stderr.strip()[-300:]}")
