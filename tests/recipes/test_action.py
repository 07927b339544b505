"""The action's steps, one by one, in a clean folder and a new virtual environment."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from recipes.steps import KEY, RECORDINGS, ROOT, SECRET, Action, document

from ni_contract.simulator import RunningSimulator

ACCOUNT = {"NI_API_KEY": KEY, "NI_API_SECRET": SECRET}


def test_verify_reports_and_summarises(action: Action) -> None:
    done = action.run(command="verify", arguments="--explore=0")
    assert done.returncode == 0, done.stderr
    assert action.outputs == "result=conformant\n"
    assert "conformant" in action.summary
    assert {file.suffix for file in (action.folder / "ni-contract").glob("verify.*")} == {
        ".html",
        ".json",
        ".md",
        ".xml",
    }


def test_a_failing_fake_is_annotated(action: Action) -> None:
    (action.folder / "liar.py").write_text(
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Type', 'application/json')])\n"
        '    return [b\'{"status": "0"}\']\n'
    )
    done = action.run(target="liar:app", arguments="--explore=0\n--features=no-xml\n")
    assert done.returncode == 1, done.stderr
    assert "::error title=NIB-" in done.stdout
    assert action.outputs == "result=nonconformant\n"


def test_witness_judges_a_client(action: Action) -> None:
    page = (ROOT / "docs" / "witness.md").read_text("utf-8")
    client = next(text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "# client.py" in text)
    (action.folder / "our client.py").write_text(client, "utf-8")
    done = action.run(command="witness", target="python3 'our client.py'")
    assert done.returncode == 0, done.stdout
    assert re.fullmatch("result=(conformant|partial)\n", action.outputs)


def test_audit_judges_recordings(action: Action) -> None:
    shutil.copy(RECORDINGS / "har.har", action.folder / "our traffic.har")
    done = action.run(command="audit", target=f"our traffic.har\n{RECORDINGS / 'har.har'}\n")
    assert done.returncode == 0, done.stdout
    assert json.loads((action.folder / "ni-contract" / "audit.json").read_text())["requests"] == 1  # one is a copy


def test_unknown_commands_are_refused(action: Action) -> None:
    done = action.run(command="serve")
    assert done.returncode == 2
    assert "::error::command is verify, witness, audit or live, not serve" in done.stdout


def test_inputs_are_no_shell(action: Action) -> None:
    """An input reaches the command as one word, and no shell executes it."""
    done = action.run(target="$(touch hit); touch hit", arguments="--explore=0; touch hit\n`touch hit`")
    assert done.returncode == 2
    assert not (action.folder / "hit").exists()


def test_live_sends_nothing_unless_told(action: Action, simulator: RunningSimulator) -> None:
    done = action.run(ACCOUNT, command="live", target=simulator.https_url)
    assert done.returncode == 2
    assert not simulator.received


def test_bad_nights_lose_nothing(action: Action, simulator: RunningSimulator) -> None:
    """A night without an answer keeps the last recording and the ledger for the next night."""
    arguments = f"--live\n--rate=100\n--ca-file={simulator.ca_file}\n--timeout=5"
    good = {"command": "live", "edition": "observed", "arguments": arguments}
    assert action.run(ACCOUNT, target=simulator.https_url, **good).returncode == 0
    reports = action.folder / "ni-contract"
    confirmed, recorded = _ledger(reports / "live.json"), (reports / "live.har").read_text("utf-8")
    assert action.run(ACCOUNT, target="https://127.0.0.1:1/ni/basic", **good).returncode == 3
    assert _ledger(reports / "before" / "live.json") == confirmed
    assert (reports / "before" / "live.har").read_text("utf-8") == recorded
    assert action.run(ACCOUNT, target="https://127.0.0.1:1/ni/basic", **good | {"edition": "neither"}).returncode == 2
    assert not list(reports.glob("live.*"))


def _ledger(file: Path) -> object:
    return json.loads(file.read_text("utf-8"))["ledger"]


@pytest.mark.parametrize("name", ["action.yml", "docs/ci/github-actions.yml", "docs/ci/github-checks.yml"])
def test_actions_are_pinned_by_hash(name: str) -> None:
    used = re.findall(r"uses: (\S+)( # v[0-9.]+)?$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    assert used
    for action, version in used:
        assert action == "./.ni-contract" or (re.fullmatch(r"[a-z/-]+@[0-9a-f]{40}", action) and version), action


@pytest.mark.parametrize("name", ["github-actions.yml", "github-checks.yml"])
def test_workflows_give_inputs_that_exist(name: str) -> None:
    steps = [step for job in document(f"docs/ci/{name}")["jobs"].values() for step in job["steps"]]
    ours = [step["with"] for step in steps if step.get("uses") == "./.ni-contract"]
    assert ours
    assert all(set(given) <= set(document("action.yml")["inputs"]) for given in ours)
