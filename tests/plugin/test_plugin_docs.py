"""Every example of docs/pytest.md works as the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from plugin.conftest import Project

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
FILES = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = re.findall(r"^\$ pytest (.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def documented(project: Project) -> Any:
    for name, text in FILES.items():
        project.file(name, text)
    project.file("our_fake.py", "from our_fakes import right, broken\napp = right\n")
    return project


def test_the_page_has_examples() -> None:
    assert list(FILES) == ["test_our_fake.py", "test_our_function.py", "deviations.toml", "test_more.py"]
    assert len(COMMANDS) == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if "deviations" not in command and " -n " not in command]
)
def test_documented_command_passes_right_fake(documented: Any, command: Any) -> None:
    """A command of the page passes a right fake; the one for pytest-xdist is run in tests/workers."""
    result = documented.run(*shlex.split(command))
    outcomes = result.parseoutcomes()
    assert result.ret == 0
    assert outcomes["passed"] > 10


def test_documented_deviation_is_accepted(documented: Any) -> None:
    documented.file("our_fake.py", "from our_fakes import broken as app\n")
    command = next(command for command in COMMANDS if "deviations" in command)
    result = documented.run(*shlex.split(command))
    assert (result.ret, result.parseoutcomes()["xfailed"]) == (0, 1)
    assert (documented.path / "report.json").exists()


def test_documented_function_is_judged(documented: Any) -> None:
    """The function refuses every lookup alike, so that the run ends early."""
    result = documented.run("test_our_function.py")
    failed = {line.partition("[")[2].partition("]")[0] for line in result.outlines if line.startswith("FAILED")}
    assert failed == {"NIB-AUT-001", "NIB-ERR-003", "NIB-ERR-004"}
    assert "errors" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(
        ["TestOurFunction: documented nonconformant, observed nonconformant (this edition sets*"]
    )


def test_the_fixtures_of_the_page_work(documented: Any) -> None:
    documented.run("test_more.py").assert_outcomes(passed=1)


def test_every_flag_is_on_the_page() -> None:
    from ni_contract.pytest_plugin import _FLAGS

    assert set(re.findall(r"^\| `(--ni-[\w-]+)", PAGE, re.MULTILINE)) == {f"--ni-{name}" for name in _FLAGS}


RECORDED = (Path(__file__).parents[2] / "docs" / "recorded.md").read_text("utf-8")


def test_documented_traffic_tests_pass(project: Project) -> None:
    """The tests of the page about recorded traffic pass."""
    files = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", RECORDED, re.DOTALL))
    assert list(files) == ["test_signup.py", "test_watched.py", "test_answers.py", "test_sdk_object.py"]
    for name, text in files.items():
        project.file(name, text)
    project.run(*files).assert_outcomes(passed=4)
