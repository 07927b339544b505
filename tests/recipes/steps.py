"""Runs single steps of `action.yml` and of the recipes as a runner's shell does."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "recordings" / "samples"
KEY, SECRET = "our-key", "our-own-secret"
_TIMEOUT_SECONDS = 600
# Variables of the tests: their guard, which pip must not have, and settings that would change the judgement.
_OF_TESTS = ("PYTHONPATH", "PYTHONSAFEPATH", "NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET")

Done = subprocess.CompletedProcess[str]


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of this process without variables of the tests, and with *more*."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_TESTS}
    return kept | more


def run_words(words: list[str], folder: Path, **environment: str) -> Done:
    """The result of *words*, started in *folder*."""
    return subprocess.run(
        words,
        cwd=folder,
        env=plain_environment(**environment),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
    )


def run_shell(script: str, folder: Path, **environment: str) -> Done:
    """The result of *script* in the shell of a step of GitHub."""
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return run_words(words, folder, **environment)


def document(name: str) -> dict[str, Any]:
    """The YAML document *name* of this checkout."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Action:
    """`action.yml` in a job whose RUNNER_TEMP is *temporary* and whose workspace is *folder*."""

    temporary: Path
    folder: Path

    def step(self, name: str, environment: dict[str, str] | None = None, **inputs: str) -> Done:
        """The result of the step called *name*, with *inputs* where they differ from the action's defaults."""
        steps = document("action.yml")["runs"]["steps"]
        step = next(step for step in steps if step.get("name") == name)
        variables = {key: self._evaluate(value, inputs) for key, value in step["env"].items()}
        return run_shell(step["run"], self.folder, **self._runner(), **variables, **(environment or {}))

    def run(self, environment: dict[str, str] | None = None, **inputs: str) -> Done:
        """The result of the step "Run ni-contract"."""
        return self.step("Run ni-contract", environment, **inputs)

    @property
    def outputs(self) -> str:
        return (self.folder / "outputs").read_text("utf-8")

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8")

    def _runner(self) -> dict[str, str]:
        files = {"GITHUB_OUTPUT": self.folder / "outputs", "GITHUB_STEP_SUMMARY": self.folder / "summary"}
        told = {name: str(file) for name, file in files.items()}
        return {"GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(self.temporary), "GITHUB_ACTION_PATH": str(ROOT)} | told

    def _evaluate(self, expression: str, inputs: dict[str, str]) -> str:
        declared = document("action.yml")["inputs"]
        assert set(inputs) <= set(declared)
        # The step that installs Python is GitHub's own, and is not run here.
        text = expression.replace("${{ steps.python.outputs.python-path }}", "")
        return re.sub(
            r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs.get(found[1], declared[found[1]]["default"]), text
        )
