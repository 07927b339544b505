"""`pytest --pyargs ni_contract.suite --ni-target ...`: the suite without a test file."""

from __future__ import annotations

import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from plugin.conftest import Project

from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.verify import verify
from ni_contract.simulator import create_app

SUITE = ("--pyargs", "ni_contract.suite")


def test_the_suite_judges_an_application(project: Project) -> None:
    result = project.run(*SUITE, "--ni-target", "our_fakes:right")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 70
    assert "failed" not in outcomes
    result.stdout.fnmatch_lines(["TestProvider: documented partial (this edition sets the exit code)*"])


def test_the_suite_judges_a_url(project: Project) -> None:
    from ni_contract.simulator import RunningSimulator

    with RunningSimulator() as simulator:
        result = project.run(*SUITE, "--ni-target", simulator.url.removesuffix("/ni/basic"))
    assert result.ret == 0


def test_suite_is_collected_under_any_settings(project: Project) -> None:
    """The suite is collected whatever the caller's settings are."""
    project.pytester.makeini(
        "[pytest]\npython_classes = Check*\npython_functions = check_*\npython_files = check_*.py\n"
    )
    assert project.run(*SUITE, "--ni-target", "our_fakes:right").parseoutcomes()["passed"] > 70


@pytest.mark.slow
def test_suite_repeat_line_repeats(project: Project) -> None:
    """The repeat line of the suite has no path of this machine, and repeats."""
    flags = ("--ni-target", "our_fakes:broken")
    result = project.run(*SUITE, *flags, "-k", project.broken)
    again = f"--pyargs 'ni_contract.suite::TestProvider::test_clause[{project.broken}]' --ni-target our_fakes:broken"
    assert f"  repeat    pytest {again} --ni-explore 0\n" in result.stdout.str()
    node = f"ni_contract.suite::TestProvider::test_clause[{project.broken}]"
    project.run("--pyargs", node, *flags).assert_outcomes(failed=1)


@pytest.mark.slow
def test_suite_deviations_match_target(project: Project) -> None:
    """Deviations of the suite are matched by the target, as verify does."""
    file = project.file(
        "known.toml", f'[[deviation]]\nclause = "{project.broken}"\ntarget = "our_fakes:*"\nreason = "known"\n'
    )
    result = project.run(*SUITE, "--ni-target", "our_fakes:broken", "--ni-deviations", file)
    assert result.parseoutcomes()["xfailed"] == 1
    assert "failed" not in result.parseoutcomes()


def test_the_flag_for_features_wins(project: Project) -> None:
    result = project.run(*SUITE, "--ni-target", "our_fakes:right", "--ni-features", "no-xml", "-k", "NIB-XML")
    assert set(result.parseoutcomes()) == {"skipped", "deselected"}


def test_a_declared_rate_is_tested(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where the plugin sleeps, so that the machine's load does not matter."""
    clock = VirtualClock(1_795_427_367.0)
    limited = SimpleNamespace(app=create_app(rate=10, clock=clock))
    monkeypatch.setitem(sys.modules, "limited", limited)
    # The module that the run will import; earlier runs left another one as attribute of its package.
    monkeypatch.setattr(
        import_module("ni_contract.pytest_plugin.provider_runs"),
        "verify",
        lambda target, plan, deviations_name: verify(
            target, plan, clock=clock, sleep=clock.sleep, deviations_name=deviations_name
        ),
    )
    result = project.run(
        *SUITE, "--ni-target", "limited:app", "--ni-features", "throttle=10,xml", "-rs", "-k", "NIB-REL"
    )
    assert "no rate is declared" not in result.stdout.str()
    assert "failed" not in result.parseoutcomes()
