"""Invalid input is refused in one sentence, as a usage error, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from plugin.conftest import Project

SUITE = ("--pyargs", "ni_contract.suite")


def refused(result: pytest.RunResult, *sentences: str) -> None:
    """Asserts exit code 4, the sentences, and no traceback."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    shown = result.stderr.str() + result.stdout.str()
    for sentence in sentences:
        assert sentence in shown
    assert "Traceback" not in shown
    assert ".py:" not in shown


def test_the_suite_needs_a_target(project: Project) -> None:
    refused(project.run(*SUITE), "ERROR: ni-contract: ", "give --ni-target URL (or module:app)")


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        ("--ni-features", "nonsense", "--ni-features: there is no feature 'nonsense'; choose from "),
        ("--ni-features", "throttle", "--ni-features: 'throttle' is not complete"),
        ("--ni-deviations", "none.toml", "none.toml: cannot be read"),
        ("--ni-deviations", "bad.toml", "bad.toml, deviation 1: NIB-RES-004 has no reason"),
        ("--ni-deviations", "unknown.toml", "no clause is called 'NIB-XXX-001'"),
        ("--ni-report", "report.pdf", "--ni-report report.pdf: the ending chooses the format"),
        ("--ni-report", "none/report.json", "--ni-report none/report.json: the folder none does not exist"),
        ("--ni-explore", "-1", "argument --ni-explore: '-1' is not a whole number"),
        ("--ni-explore", "many", "argument --ni-explore: 'many' is not a whole number"),
        ("--ni-edition", "newest", "argument --ni-edition: invalid choice: 'newest'"),
        ("--ni-target", "https://api.nexmo.com", "api.nexmo.com is a public host"),
        ("--ni-target", "http://8.8.8.8/ni/basic", "8.8.8.8 is a public host"),
        ("--ni-target", "http://me:pass1234@localhost", "carries more than a base URL"),
        ("--ni-target", "nonsense", "'nonsense' is neither a URL nor module:app"),
        ("--ni-target", "no_such_module:app", "module 'no_such_module' cannot be imported"),
        ("--ni-target", "our_fakes:nothing", "module 'our_fakes' has no 'nothing'"),
        ("--ni-target", "our_fakes:__name__", "our_fakes:__name__ is a str, not an ASGI or WSGI application"),
    ],
)
def test_a_flag_is_checked_at_once(project: Project, flag: str, value: Any, sentence: str) -> None:
    project.file("bad.toml", '[[deviation]]\nclause = "NIB-RES-004"\n')
    project.file("unknown.toml", '[[deviation]]\nclause = "NIB-XXX-001"\nreason = "why"\n')
    project.test_file("def test_unrelated(): raise SystemExit('ran')")
    result = project.run(flag, value)
    refused(result, sentence)
    assert "pass1234" not in result.stderr.str()


def test_classes_without_plugin_are_refused(project: Project) -> None:
    """Without the plugin our classes are a usage error."""
    project.test_file(project.contract("our_fakes.right"), "def test_other(): pass")
    result = project.pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:ni_contract", "--strict-markers")
    refused(result, "ERROR: ni-contract: TestOurFake needs the plugin ni_contract, which is switched off")


def test_suite_without_plugin_is_refused(project: Project) -> None:
    result = project.pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:ni_contract", *SUITE)
    refused(result, "ERROR: ni-contract: TestProvider needs the plugin")


def test_without_the_plugin_other_tests_run(project: Project) -> None:
    project.test_file("from ni_contract.testing import ProviderContract", "def test_other(): pass")
    project.pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:ni_contract").assert_outcomes(passed=1)


def test_plugin_loads_by_module_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    project.test_file(project.contract("our_fakes.right"))
    for name in ("ni_contract", "ni_contract.pytest_plugin"):
        result = project.pytester.runpytest_inprocess("-p", name, "--ni-explore=0", "-k", project.broken)
        assert result.parseoutcomes()["passed"] == 1


@pytest.mark.parametrize(
    "redefined",
    ["class TestOurFake(ProviderContract):\n    def test_clause(self): return",
     "class Mixin:\n    def test_clause(self): return\nclass TestOurFake(Mixin, ProviderContract): pass"],
)  # fmt: skip
def test_redefined_test_clause_is_refused(project: Project, redefined: str) -> None:
    project.test_file(redefined)
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["ni-contract: TestOurFake redefines test_clause, which would hide *--ni-deviations"])
    assert ".py:" not in result.stdout.str()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (
            "ni_edition = 'newest'",
            "ni-contract: TestOurFake.ni_edition is 'newest'; choose one of documented, observed",
        ),
        ("ni_features = 'nonsense'", "ni-contract: TestOurFake.ni_features: there is no feature 'nonsense'*"),
    ],
)
def test_class_settings_are_checked_early(project: Project, setting: str, sentence: str) -> None:
    project.test_file(project.contract("our_fakes.right", setting))
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    assert ".py:" not in result.stdout.str()


def test_class_without_target_gets_instructions(project: Project) -> None:
    """A class without a target fails and is told what to define."""
    project.test_file("class TestOurFake(ProviderContract): pass")
    result = project.run("-k", project.broken)
    assert result.parseoutcomes()["errors"] == 1
    result.stdout.fnmatch_lines(["there is no target: define a fixture ni_target, or give --ni-target URL"])


def test_empty_credential_is_reported(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NI_API_SECRET", "")
    project.test_file(project.contract("our_fakes.right"))
    result = project.run("-k", project.broken)
    result.stdout.fnmatch_lines(["ni-contract: *NI_API_SECRET*is empty*"])
