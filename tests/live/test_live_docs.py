"""The pages and workflows about live runs are right, and their commands can be run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from ni_contract.cli import _parser
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.live.driver import BACK_OFF_SECONDS, DEFAULT_RATE
from ni_contract.runs.live.planning import MAX_REQUESTS, make_plan

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("live.md", "after-2027-02-04.md")}
WORKFLOWS = {name: (DOCS / "ci" / name).read_text("utf-8") for name in ("github-actions.yml", "gitlab-ci.yml")}


def commands() -> list[list[str]]:
    pages = "\n".join(PAGES.values()).replace(
        "ni-contract live --live\n--base-url", "ni-contract live --live --base-url"
    )
    lines = re.findall(r"^\$ ni-contract (.*)$", pages, re.MULTILINE)
    lines += re.findall(r"`ni-contract ((?:live|verify|serve) [^`]*)`", pages)
    folded = re.sub(r"\n\s+(?=--)", " ", "\n".join(WORKFLOWS.values()))
    lines += re.findall(r"ni-contract ((?:live --live|drift) [^;\n]*)", folded)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_documented_commands_have_valid_arguments(command: list[str]) -> None:
    """A command of the pages and workflows has arguments that exist."""
    _parser(chosen=command[0]).parse_args(command)


def test_commands_were_found() -> None:
    assert len(commands()) > 15


@pytest.mark.parametrize(("signs", "words"), [(True, "{} with a signature secret"), (False, "{} without")])
def test_page_has_costs_of_plans(signs: bool, words: str) -> None:
    """The page has the number of requests of a plan, and of those charged for."""
    plan = make_plan(parse_claims(None, signs), load_catalogue().select("provider"), signs, None, False)
    text = PAGES["live.md"].replace("\n", " ")
    assert words.format(len(plan.steps)) in text
    charged = f"{plan.charged} of them" if signs else f"({plan.charged} of {len(plan.steps)} without signatures)"
    assert charged in text


def test_page_has_pace_pauses_and_budget() -> None:
    text = PAGES["live.md"]
    assert f"| pace | {DEFAULT_RATE} requests a second" in text
    assert f"waits {', '.join(f'{pause:g}' for pause in BACK_OFF_SECONDS)} seconds" in text
    assert f"without `--budget` it is {MAX_REQUESTS}." in text


def test_documented_python_compiles() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGES["live.md"], re.DOTALL):
        compile(block, "live.md", "exec")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGES[name]):
        assert (DOCS / target).exists()


def test_github_workflow_is_scheduled_and_alone() -> None:
    """The GitHub workflow runs on a schedule only, and never twice at a time."""
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOWS["github-actions.yml"])
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    with_secrets = [step for step in workflow["jobs"]["live"]["steps"] if "secrets." in str(step)]
    assert [step["name"] for step in with_secrets] == ["Ask the real API"]
    # Inputs reach the action as environment variables only, never as words of a command.
    assert "run" not in with_secrets[0]
    assert "secrets." not in str(with_secrets[0]["with"])


def test_gitlab_job_is_scheduled_and_alone() -> None:
    """The GitLab job runs on a schedule only, and never twice at a time."""
    job = yaml.safe_load(WORKFLOWS["gitlab-ci.yml"])["ni-contract live"]
    assert [rule["if"] for rule in job["rules"]] == ['$CI_PIPELINE_SOURCE == "schedule"']
    assert job["resource_group"]
    assert all(isinstance(line, str) for line in (*job["before_script"], *job["script"]))
