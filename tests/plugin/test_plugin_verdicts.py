"""Each verdict ends a test with the outcome of the same meaning."""

from __future__ import annotations

import re
from typing import Any

import pytest
from plugin.conftest import Project

DEVIATION = '[[deviation]]\nclause = "{}"\ntarget = "{}"\nreason = "until the migration"\n'


def test_right_fake_passes(project: Project) -> None:
    """A right fake passes every clause that is checked."""
    project.test_file(project.contract("our_fakes.right"))
    result = project.run("-rs")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 70
    assert set(outcomes) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(
        ["*TestOurFake: documented partial (this edition sets*), observed nonconformant; * requests, * s"]
    )


def test_broken_clause_fails_alone(project: Project) -> None:
    """A broken clause fails with its text, and nothing else does."""
    project.test_file(project.contract("our_fakes.broken"))
    result = project.run("--showlocals", "-k", project.broken)
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])
    block = result.stdout.str().partition(f"__ TestOurFake.test_clause[[]{project.broken}"[:40])[2]
    result.stdout.fnmatch_lines(
        [
            f"_* TestOurFake.test_clause[[]{project.broken}[]] _*",
            f"{project.broken} country_code_iso3 *",
            "  request   GET /ni/basic/json  number=* api_key=[*][*][*] api_secret=[*][*][*]",
            "  at        $.country_code_iso3",
            "  expected  *",
            "  actual    'gbr'*",
            "  source    Number Insight Basic, *",
            f"  repeat    pytest 'test_fake.py::TestOurFake::test_clause[[]{project.broken}[]]' --ni-explore 0",
            "  curl      curl -s -g *api_key=$NI_API_KEY&api_secret=$NI_API_SECRET*",
            f'  accept    [[][[]deviation[]][]] clause = "{project.broken}", target = "TestOurFake", reason = "why"',
        ]
    )
    assert "Traceback" not in block
    assert "traceback" not in result.stdout.str()


def test_the_repeat_line_repeats_the_failure(project: Project) -> None:
    project.test_file(project.contract("our_fakes.broken"))
    line = re.search(r"repeat +pytest '(.+)' --ni-explore 0", project.run("-k", project.broken).stdout.str())
    project.run(line[1]).assert_outcomes(failed=1)


def test_declared_deviation_is_xfail(project: Project) -> None:
    """A declared deviation is an expected failure with its reason."""
    project.test_file(project.contract("our_fakes.broken"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "TestOur*"))
    result = project.run("-rx", "--ni-deviations", file)
    assert result.parseoutcomes()["xfailed"] == 1
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"XFAIL *{project.broken}* - until the migration"])


def test_runxfail_shows_deviating_failure(project: Project) -> None:
    project.test_file(project.contract("our_fakes.broken"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "*"))
    result = project.run("--runxfail", "--ni-deviations", file)
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["  actual    'gbr'*"])


def test_foreign_deviation_does_not_count(project: Project) -> None:
    project.test_file(project.contract("our_fakes.broken"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "TestOther"))
    assert project.run("--ni-deviations", file).parseoutcomes()["failed"] == 1


def test_a_stale_deviation_fails(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "*"))
    result = project.run("--ni-deviations", file)
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [f"{project.broken} *declared (until the migration), but the clause passes; take it out*"]
    )


def test_unclaimed_feature_is_skipped(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_features = "no-xml"'))
    result = project.run("-rs", "-k", "XML")
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["SKIPPED * unclaimed: xml is not claimed"])


def test_unchecked_clause_is_skipped(project: Project) -> None:
    """A clause that nothing checked is skipped and never passes."""
    project.test_file(
        project.contract("our_fakes.right"),
        "@pytest.fixture\ndef ni_credentials(): return Credentials('unknown', 'unknown0')",
    )
    result = project.run("-rs", "-k", "NIB-RES-012")
    result.assert_outcomes(skipped=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["SKIPPED * untested: every lookup was refused with status 4*"])


def test_should_clause_warns(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_edition = "observed"'))
    result = project.run("-k", "NIB-ERR-010")
    assert result.parseoutcomes()["passed"] == 1
    result.stdout.fnmatch_lines(["*= ni-contract =*", "  warning: NIB-ERR-010 *(SHOULD); $.request_id: *"])


def test_edition_flag_overrides_class(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_edition = "observed"'))
    result = project.run("--ni-edition", "documented")
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["TestOurFake: documented partial (this edition sets the exit code)*"])


def test_unreachable_target_fails_in_one_line(project: Project) -> None:
    """A target that cannot be reached fails each clause in one line."""
    project.test_file(project.contract("'http://127.0.0.1:9'"))
    result = project.run("--tb=short")
    assert set(result.parseoutcomes()) == {"failed"}
    result.stdout.fnmatch_lines(["ni-contract: no answer from the target: nothing listens there*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_own_fault_is_named(project: Project) -> None:
    """A fault of this package is reported as one."""
    project.test_file(
        "import ni_contract.pytest_plugin.provider_runs as runs",
        """
        @pytest.fixture(autouse=True)
        def fault(monkeypatch):
            monkeypatch.setattr(runs, "verify", lambda *args, **more: 1 / 0)
        """,
        project.contract("our_fakes.right"),
    )
    result = project.run("-k", project.broken, "--showlocals")
    result.stdout.fnmatch_lines(["ni-contract itself failed, which is a bug of it:", "*ZeroDivisionError*"])


@pytest.mark.parametrize("target", ["42", "None", "'nonsense'", "'no_such_module:app'", "'ftp://127.0.0.1'"])
def test_invalid_target_fails_with_one_line(project: Project, target: Any) -> None:
    project.test_file(project.contract(target))
    result = project.run("-k", project.broken)
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["ni-contract: *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_public_host_is_refused_unasked(project: Project) -> None:
    project.test_file(project.contract("'https://api.nexmo.com'"))
    result = project.run("-k", project.broken)
    result.stdout.fnmatch_lines(["ni-contract: *public host*"])
