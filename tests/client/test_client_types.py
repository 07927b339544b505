"""A strict type checker makes the caller distinguish the results."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from mypy import api

pytestmark = pytest.mark.slow

USER = Path(__file__).with_name("typed_user.py")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of mypy, for the second run."""
    return tmp_path_factory.mktemp("mypy")


def checked(file: Path, cache: Path) -> tuple[str, int]:
    # Outside the checkout's configuration, as for a user.
    flags = ["--strict", "--config-file", "", "--cache-dir", str(cache), "--python-executable", sys.executable]
    out, err, code = api.run([*flags, str(file)])
    assert err == ""
    return out, code


def test_typed_mistakes_are_found(cache: Path) -> None:
    """Right code passes the type checker, and each mistake is found."""
    out, code = checked(USER, cache)  # strict: an unused ignore is an error
    assert (code, out) == (0, "Success: no issues found in 1 source file\n")


def test_mistakes_are_errors_without_ignores(cache: Path, tmp_path: Path) -> None:
    lines = USER.read_text("utf-8").splitlines()
    wrong = [number for number, line in enumerate(lines, start=1) if "# type: ignore" in line]
    bare = tmp_path / "user.py"
    bare.write_text("\n".join(line.partition("  # type: ignore")[0] for line in lines) + "\n", "utf-8")
    out, code = checked(bare, cache)
    found = sorted({int(line.split(":")[1]) for line in out.splitlines() if ": error:" in line})
    assert (code, found) == (1, wrong)
