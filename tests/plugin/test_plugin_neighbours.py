"""The plugin works with unusual flags of pytest, and loads nothing where it is not used."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from plugin.conftest import Project


@pytest.fixture
def broken(project: Project) -> Any:
    project.test_file(project.contract("our_fakes.broken"))
    return project


@pytest.mark.parametrize("flag", ["--import-mode=importlib", "-pno:cacheprovider", "-pno:terminal", "--showlocals"])
def test_flags_of_pytest(broken: Any, flag: str) -> None:
    broken.file("conftest.py", "import sys\nsys.path.insert(0, '.')\n")
    result = broken.run(flag, "--junitxml=junit.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    junit = (broken.path / "junit.xml").read_text("utf-8")
    assert 'failures="1"' in junit


COUNT = """
import sys
import pytest
before = set(sys.modules)
import ni_contract.pytest_plugin
print(sorted(set(sys.modules) - before))
"""


def test_plugin_imports_only_itself() -> None:
    told = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "['ni_contract', 'ni_contract.pytest_plugin']"


def test_unused_plugin_loads_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that does not use the plugin loads no other module of it."""
    # Other plugins may load the same libraries.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    project.file("test_plain.py", "def test_plain(): pass\n")
    project.file(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    heavy = ('ni_contract', 'hypothesis', 'httpx2', 'phonenumbers', 'uvicorn')\n"
        "    heavy += () if 'coverage' in sys.modules else ('sqlite3',)  # which coverage itself needs\n"
        "    print('LOADED', sorted(m for m in sys.modules if m.startswith(heavy)))\n",
    )
    result = project.pytester.runpytest_subprocess("-s", "-p", "ni_contract")
    result.assert_outcomes(passed=1)
    loaded = next(line for line in result.outlines if line.startswith("LOADED"))
    assert loaded == "LOADED ['ni_contract', 'ni_contract.pytest_plugin']"
