"""The pages and workflows about live runs say what is true, and what they run can be run."""

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
def test_a_command_of_the_pages_and_workflows_has_arguments_that_exist(command: list[str]) -> None:
    _parser(chosen=command[0]).parse_args(command)


def test_commands_were_found() -> None:
    assert len(commands()) > 15


@pytest.mark.parametrize(("signs", "words"), [(True, "{} with a signature secret"), (False, "{} without")])
def test_the_page_says_how_many_requests_a_plan_has_and_how_many_are_charged_for(signs: bool, words: str) -> None:
    plan = make_plan(parse_claims(None, signs), load_catalogue().select("provider"), signs, None, False)
    text = PAGES["live.md"].replace("\n", " ")
    assert words.format(len(plan.steps)) in text
    charged = f"{plan.charged} of them" if signs else f"({plan.charged} of {len(plan.steps)} without signatures)"
    assert charged in text


def test_the_page_says_the_pace_the_pauses_and_the_usual_budget() -> None:
    text = PAGES["live.md"]
    assert f"| pace | {DEFAULT_RATE} requests a second" in text
    assert f"waits {', '.join(f'{pause:g}' for pause in BACK_OFF_SECONDS)} seconds" in text
    assert f"without `--budget` it is {MAX_REQUESTS}." in text


def test_the_python_of_the_page_is_python() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGES["live.md"], re.DOTALL):
        compile(block, "live.md", "exec")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGES[name]):
        assert (DOCS / target).exists()


def test_the_github_workflow_runs_on_a_schedule_only_and_alone() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOWS["github-actions.yml"])
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    with_secrets = [step for step in workflow["jobs"]["live"]["steps"] if "secrets." in str(step)]
    assert [step["name"] for step in with_secrets] == ["Ask the real API"]
    # They reach the action as environment variables only, never as words of a command.
    assert "run" not in with_secrets[0]
    assert "secrets." not in str(with_secrets[0]["with"])


def test_the_gitlab_job_runs_on_a_schedule_only_and_alone() -> None:
    job = yaml.safe_load(WORKFLOWS["gitlab-ci.yml"])["ni-contract live"]
    assert [rule["if"] for rule in job["rules"]] == ['$CI_PIPELINE_SOURCE == "schedule"']
    assert job["resource_group"]
    assert all(isinstance(line, str) for line in (*job["before_script"], *job["script"]))
