"""Versions of tools that are declared in two files are equal."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_hooks_use_versions_of_groups() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    hooks = re.findall(r'"([a-z]+==[0-9.]+)"', (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert len(hooks) == 3
    assert set(hooks) <= set(groups["lint"])
