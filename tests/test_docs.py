"""The README is right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from plugin.conftest import Project, run_here

from ni_contract.cli import main
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.live.driver import DEFAULT_RATE
from ni_contract.drivers.provider.vectors import lookup_vectors
from ni_contract.judge.deviations import read_deviations
from ni_contract.runs.live.planning import make_plan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ ni-contract")]
    return [shlex.split(line.removeprefix("$ ni-contract"), comments=True) for line in lines]


@pytest.mark.parametrize(
    "command", [c for c in commands() if c[0] in ("spec", "explain") or c == ["verify"]], ids=" ".join
)
def test_a_command_of_the_readme_runs(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 0
    assert capsys.readouterr().out


CHECKED = ("verify", "serve", "live", "drift", "witness", "lookup")


@pytest.mark.parametrize("command", [c for c in commands() if c[0] in CHECKED], ids=" ".join)
def test_the_arguments_of_the_readme_exist(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    flags = [word for word in command if word.startswith("--")]
    with pytest.raises(SystemExit):
        main([command[0], "--help"])
    shown = capsys.readouterr().out
    assert all(flag in shown for flag in flags)


def test_readme_numbers_are_right() -> None:
    assert f"by {len(load_catalogue().select('provider'))} clauses" in README.replace("\n", " ")
    assert len(lookup_vectors()) <= int(re.search(r"at most (\d+) fixed requests", README)[1])  # type: ignore[index]


def test_readme_deviations_are_valid(tmp_path: Path) -> None:
    file = tmp_path / "deviations.toml"
    file.write_text(blocks("toml")[0])
    assert read_deviations(file)[0].clause == "NIB-RES-004"


def test_readme_test_judges_a_fake(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from ni_contract.simulator import RunningSimulator

        @pytest.fixture(scope="session")
        def our_fake():
            with RunningSimulator() as running:
                yield running
        """
    )
    pytester.makepyfile(blocks("python")[0])
    outcomes = run_here(pytester, *Project.flags, "-q").parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == sum(
        c.binds("documented") for c in load_catalogue().select("provider")
    )
    assert set(outcomes) <= {"passed", "skipped"}


def test_readme_plan_size_is_right() -> None:
    plan = make_plan(parse_claims(None, True), load_catalogue().select("provider"), True, None, False)
    assert f"({len(plan.steps)} at most {DEFAULT_RATE} a second)" in README.replace("\n", " ")


def test_readme_test_judges_a_client(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        our_sdk="""
        from mutants.right_clients import Client
        from ni_contract.drivers.client.server import Server

        class Insight:
            def __init__(self, base, key, secret):
                self.server = Server(base, base, key, secret, "", "", 60.0)

            def basic(self, number, country):
                return Client()(self.server, number, country)
        """,
        test_readme=blocks("python")[1],
    )
    # Asked is what is answered at once, and waited for however long a busy machine takes.
    conftest = f"""
        import sys
        from functools import partial
        from ni_contract.pytest_plugin import client_runs
        from ni_contract.runs.witness import ClientPlan
        from ni_contract.testing import ClientContract

        sys.path.insert(0, {str(ROOT / "tests")!r})
        from mutants.witnessed import ANSWERED

        client_runs.ClientPlan = partial(ClientPlan, cases=ANSWERED)
        ClientContract.ni_timeout = 60.0
    """
    pytester.makeconftest(conftest)
    outcomes = pytester.runpytest_subprocess("-q", "-p", "no:randomly").parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert outcomes["passed"] > 30


@pytest.mark.parametrize("name", re.findall(r"\]\((docs/[a-z0-9./-]+)\)", README))
def test_readme_links_lead_to_pages(name: str) -> None:
    assert (ROOT / name).is_file()
