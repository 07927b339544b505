"""The plugin in workers of pytest-xdist: one run, one report, one refusal, and no secret."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from live.standin import whole_plan
from plugin.conftest import Project
from plugin.test_plugin_docs import COMMANDS, documented
from plugin.test_plugin_live import SUITE as LIVE
from plugin.test_plugin_live import account, flags, stand_in
from plugin.test_plugin_refusals import SUITE, refused
from plugin.test_plugin_reports import report
from plugin.test_plugin_secrets import LOUD, REPORTS, no_leaks, talkative

__all__ = ["account", "documented", "stand_in", "talkative"]


def test_xdist_drives_and_reports_once(project: Project) -> None:
    """Under xdist a target is driven once and each report written once."""
    project.test_file(
        """
        async def counted(scope, receive, send):
            if scope["type"] == "http":
                with open("requests.txt", "a") as file:
                    file.write("x")
            await our_fakes.broken(scope, receive, send)
        """,
        project.contract("counted"),
        project.contract("our_fakes.right", name="TestRight"),
    )
    result = project.run_alone("-n2", "--ni-report=report.json")
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes["passed"] > 140) == (1, True)
    asked = report(project, "report-TestOurFake.json")
    assert len((project.path / "requests.txt").read_text()) == asked["requests"]
    assert (asked["result"], report(project, "report-TestRight.json")["result"]) == ("nonconformant", "partial")
    said = result.stdout.str()
    assert [said.count(words) for words in ("TestOurFake: documented", "report: report-TestOurFake.json")] == [1, 1]


def test_documented_command_passes_right_fake(documented: Any) -> None:
    (command,) = (command for command in COMMANDS if " -n " in command)
    result = documented.run_alone("-p", "no:randomly", "-p", "no:asyncio", *shlex.split(command))
    assert (result.ret, result.parseoutcomes()["passed"] > 10) == (0, True)


def test_xdist_controller_checks_flags_once(project: Project) -> None:
    """Under xdist a flag is checked once, by the controller."""
    result = project.run_alone("-n2", "-p", "no:randomly", *SUITE)
    refused(result, "ERROR: ni-contract: ")
    assert "worker" not in result.stdout.str()


def test_xdist_classes_without_plugin_are_refused(project: Project) -> None:
    """Without the plugin workers of xdist report the usage error too."""
    project.test_file(project.contract("our_fakes.right"))
    result = project.pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:ni_contract", "-n2")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["ni-contract: TestOurFake needs the plugin ni_contract*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize("distribution", [(), ("--dist", "worksteal")])
def test_ungrouped_by_xdist_it_is_refused(project: Project, account: None, distribution: Any) -> None:
    result = project.run_alone(*LIVE, "-n", "2", *distribution)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "needs its tests in one worker: give --dist loadgroup, or no -n" in result.stderr.str()


def test_grouped_by_xdist_it_runs_once(project: Project, account: None, stand_in: Any) -> None:
    arguments = ["-n", "2", "--dist", "loadgroup", "--strict-markers", "-p", "no:randomly"]
    result = project.run_alone(*LIVE, *flags(stand_in), *arguments)
    assert result.parseoutcomes()["passed"] > 70
    assert len(stand_in.received) == whole_plan()


def test_output_of_workers_has_no_secret(talkative: Project) -> None:
    result = talkative.run_alone(*LOUD, *REPORTS, "-n2", "--tb=native")
    assert result.parseoutcomes()["failed"] >= 1
    no_leaks(talkative, result)
