"""The plugin works unchanged beside other plugins, strict settings and unusual ways to run pytest."""

from __future__ import annotations

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


def test_hypothesis_settings_change_no_verdict(broken: Any) -> None:
    broken.file(
        "conftest.py", "from hypothesis import settings\nsettings.register_profile('x', max_examples=1, deadline=1)\n"
    )
    assert right(
        broken.run_alone("--hypothesis-profile=x", "--hypothesis-seed=3", "-p", "no:randomly", "-p", "no:asyncio")
    )
