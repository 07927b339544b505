"""The plugin works unchanged beside other plugins, strict settings and unusual ways to run pytest."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from plugin.conftest import Project

STRICT = """
    [pytest]
    addopts = --strict-markers --strict-config
    xfail_strict = true
    filterwarnings = error
    asyncio_mode = auto
    asyncio_default_fixture_loop_scope = function
"""


def right(result: pytest.RunResult) -> bool:
    """Asserts one failure and many passes: our_fakes.broken was judged."""
    outcomes = result.parseoutcomes()
    return outcomes["passed"] > 70 and outcomes["failed"] == 1 and not {"errors", "warnings"} & set(outcomes)


@pytest.fixture
def broken(project: Project) -> Any:
    project.test_file(project.contract("our_fakes.broken"))
    return project


def test_xdist_with_another_distribution(broken: Any) -> None:
    assert right(broken.run_alone("-n2", "--dist", "loadscope", "-p", "no:randomly", "-p", "no:asyncio"))


def test_randomly(broken: Any) -> None:
    seed = 7
    result = broken.run_alone("-p", "no:asyncio", "-p", "no:xdist", f"--randomly-seed={seed}")
    result.stdout.fnmatch_lines([f"Using --randomly-seed={seed}"])
    assert right(result)


def test_strict_project_settings_work(broken: Any) -> None:
    """Strict settings, asyncio's auto mode and warnings as errors work at once."""
    broken.file("pytest.ini", STRICT)
    assert right(broken.run_alone("-p", "no:randomly"))


def test_asyncio_auto_mode_with_async_fixture(project: Project) -> None:
    """Asyncio's auto mode works with a target from an async fixture."""
    project.file("pytest.ini", STRICT)
    project.test_file(project.contract("our_fakes.broken").replace("def ni_target", "async def ni_target"))
    assert right(project.run_alone("-p", "no:randomly"))


def test_strict_mode_of_pytest_9(broken: Any) -> None:
    if int(pytest.__version__.split(".")[0]) >= 9:
        broken.file("pytest.toml", '[pytest]\nstrict = true\nfilterwarnings = ["error"]\n')
    assert right(broken.run_alone("-p", "no:randomly", "-p", "no:asyncio"))


def test_drawn_requests_leave_no_warnings(broken: Any) -> None:
    result = broken.pytester.runpytest_subprocess(
        "-W", "error", "-p", "no:randomly", "-p", "no:asyncio", "--ni-explore=5"
    )
    assert right(result)


@pytest.mark.parametrize("flag", ["--import-mode=importlib", "-pno:cacheprovider", "-pno:terminal", "--showlocals"])
def test_flags_of_pytest(broken: Any, flag: str) -> None:
    broken.file("conftest.py", "import sys\nsys.path.insert(0, '.')\n")
    result = broken.run(flag, "--junitxml=junit.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    junit = (broken.path / "junit.xml").read_text("utf-8")
    assert 'failures="1"' in junit


def test_hypothesis_settings_change_no_verdict(broken: Any) -> None:
    """Hypothesis settings of the project do not change the verdict."""
    broken.file(
        "conftest.py", "from hypothesis import settings\nsettings.register_profile('x', max_examples=1, deadline=1)\n"
    )
    assert right(
        broken.run_alone("--hypothesis-profile=x", "--hypothesis-seed=3", "-p", "no:randomly", "-p", "no:asyncio")
    )


COUNT = """
import sys
import pytest
before = set(sys.modules)
import ni_contract.pytest_plugin
print(sorted(set(sys.modules) - before))
"""


def test_plugin_imports_only_itself() -> None:
    """Importing the plugin adds no module but itself."""
    told = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "['ni_contract', 'ni_contract.pytest_plugin']"


def test_unused_plugin_loads_nothing(project: Project) -> None:
    """A project that does not use the plugin loads no other module of it."""
    project.file("test_plain.py", "def test_plain(): pass\n")
    project.file(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    heavy = ('ni_contract', 'hypothesis', 'httpx2', 'phonenumbers', 'uvicorn', 'sqlite3')\n"
        "    print('LOADED', sorted(m for m in sys.modules if m.startswith(heavy)))\n",
    )
    others = ("randomly", "asyncio", "xdist", "anyio", "hypothesispytest")
    result = project.pytester.runpytest_subprocess("-s", *(f"-pno:{name}" for name in others))
    result.assert_outcomes(passed=1)
    loaded = next(line for line in result.outlines if line.startswith("LOADED"))
    assert loaded == "LOADED ['ni_contract', 'ni_contract.pytest_plugin']"
