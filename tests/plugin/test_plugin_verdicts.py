"""A verdict ends a test in the way that says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from plugin.conftest import Project

DEVIATION = '[[deviation]]\nclause = "{}"\ntarget = "{}"\nreason = "until the migration"\n'


def test_a_right_fake_passes_what_it_is_asked(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right"))
    result = project.run("-rs")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 70
    assert set(outcomes) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(
        ["*TestOurFake: documented partial (this edition sets*), observed nonconformant; * requests, * s"]
    )


def test_a_broken_clause_fails_with_the_block_and_nothing_else(project: Project) -> None:
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


def test_a_declared_deviation_is_an_expected_failure_with_its_reason(project: Project) -> None:
    project.test_file(project.contract("our_fakes.broken"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "TestOur*"))
    result = project.run("-rx", "--ni-deviations", file)
    assert result.parseoutcomes()["xfailed"] == 1
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"XFAIL *{project.broken}* - until the migration"])


def test_runxfail_shows_the_failure_behind_a_deviation(project: Project) -> None:
    project.test_file(project.contract("our_fakes.broken"))
    file = project.file("known.toml", DEVIATION.format(project.broken, "*"))
    result = project.run("--runxfail", "--ni-deviations", file)
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["  actual    'gbr'*"])


def test_a_deviation_of_another_class_does_not_count(project: Project) -> None:
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


def test_a_feature_not_claimed_is_skipped_with_the_reason(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_features = "no-xml"'))
    result = project.run("-rs", "-k", "XML")
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["SKIPPED * unclaimed: xml is not claimed"])


def test_a_clause_that_nothing_exercised_is_skipped_and_never_passes(project: Project) -> None:
    project.test_file(
        project.contract("our_fakes.right"),
        "@pytest.fixture\ndef ni_credentials(): return Credentials('unknown', 'unknown0')",
    )
    result = project.run("-rs")
    result.stdout.fnmatch_lines(["SKIPPED * untested: no exchange checked it"])


def test_a_should_clause_passes_and_is_listed_as_a_warning(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_edition = "observed"'))
    result = project.run("-k", "NIB-ERR-010")
    assert result.parseoutcomes()["passed"] == 1
    result.stdout.fnmatch_lines(["*= ni-contract =*", "  warning: NIB-ERR-010 *(SHOULD): $.request_id is *"])


def test_the_flag_for_the_edition_wins_over_the_class(project: Project) -> None:
    project.test_file(project.contract("our_fakes.right", 'ni_edition = "observed"'))
    result = project.run("--ni-edition", "documented")
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["TestOurFake: documented partial (this edition sets the exit code)*"])


def test_a_target_that_cannot_be_reached_fails_each_clause_in_one_line(project: Project) -> None:
    project.test_file(project.contract("'http://127.0.0.1:9'"))
    result = project.run("--tb=short")
    assert set(result.parseoutcomes()) == {"failed"}
    result.stdout.fnmatch_lines(["ni-contract: no answer from the target: nothing listens there*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_fault_of_ours_is_said_to_be_ours(project: Project) -> None:
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
def test_what_is_no_target_is_said_in_a_sentence(project: Project, target: Any) -> None:
    project.test_file(project.contract(target))
    result = project.run("-k", project.broken)
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["ni-contract: *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_public_host_is_refused_without_a_request(project: Project) -> None:
    project.test_file(project.contract("'https://api.nexmo.com'"))
    result = project.run("-k", project.broken)
    result.stdout.fnmatch_lines(["ni-contract: *public host*"])
