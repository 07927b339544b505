"""`pytest --ni-live`: refused unless it is safe, one run a session, and its plan in the header."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from live.standin import ENVIRONMENT, SECRETS, StandIn, planned, whole_plan
from plugin.conftest import Project

SUITE = ("--pyargs", "ni_contract.suite", "--ni-live")


@pytest.fixture
def account(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def stand_in() -> Any:
    with StandIn() as running:
        yield running


def flags(stand_in: Any) -> Any:
    return ("--ni-target", stand_in.https_url, "--ni-ca-file", str(stand_in.ca_file), "--ni-rate", "10000")


def no_secret_in(project: Project, result: pytest.RunResult) -> Any:
    texts = [
        result.stdout.str(),
        result.stderr.str(),
        *(f.read_text() for f in project.path.glob("*.*") if f.is_file()),
    ]
    return not [secret for secret in SECRETS for text in texts if secret in text]


def test_suite_sends_plan_once(project: Project, account: None, stand_in: Any) -> None:
    """The suite shows the plan first and sends it once."""
    result = project.run(*SUITE, *flags(stand_in), "--ni-record", "live.har", "--ni-report", "live.json")
    assert result.parseoutcomes()["passed"] > 70
    assert len(stand_in.received) == whole_plan()
    result.stdout.fnmatch_lines(
        [f"plan: {whole_plan()} requests to https://127.0.0.1:*", f"   1  {planned()[0].vector.id} *", "collected *"]
    )
    assert len(json.loads((project.path / "live.har").read_text())["log"]["entries"]) == whole_plan()
    report = json.loads((project.path / "live.json").read_text())
    assert (report["command"], report["ledger"]["host"]) == ("live", "127.0.0.1")
    assert no_secret_in(project, result)


def test_only_live_targets_are_live(project: Project, account: None, stand_in: Any) -> None:
    """Only what is live is driven live."""
    url = repr(stand_in.https_url)
    project.test_file(
        project.contract("our_fakes.right", name="TestFake"),
        project.contract(url, name="TestLive"),
        project.contract(url, name="TestAgain"),
    )
    result = project.run("--ni-live", *flags(stand_in), "--ni-budget", "5")
    assert len(stand_in.received) == 5
    result.stdout.fnmatch_lines(["*one class a session runs live, and TestLive did: each run is charged for*"])


def test_failing_clause_has_repeat_line(project: Project, account: None) -> None:
    with StandIn(lambda _m, _p, headers, body: (headers, body.replace(b"GBR", b"gbr"))) as broken:
        result = project.run(*SUITE, *flags(broken), "-k", "NIB-RES-013")
        assert len(broken.received) == whole_plan()
    assert (result.parseoutcomes()["failed"], "passed" in result.parseoutcomes()) == (1, False)
    result.stdout.fnmatch_lines(
        ["*repeat    ni-contract live --live --only NIB-RES-013 --base-url https://127.0.0.1:*"]
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--ni-target", "http://127.0.0.1:1"], "is plain HTTP"),
        (["--ni-record", "nowhere/live.har"], "--ni-record nowhere/live.har: the folder nowhere does not exist"),
        (["--ni-budget", "0"], "--ni-budget 0 allows no request"),
        (["--ni-ledger", "."], "--ni-ledger .: cannot be read"),
        (["--ni-ca-file", "missing.pem"], "no certificates in PEM format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_unsafe_run_is_refused_early(project: Project, account: None, arguments: Any, sentence: str) -> None:
    result = project.run(*SUITE, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stderr.str()


def test_without_credentials_it_is_refused(project: Project) -> None:
    result = project.run(*SUITE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "a live run needs an account: set NI_API_KEY and NI_API_SECRET" in result.stderr.str()


@pytest.mark.parametrize("flag", ["--ni-budget=5", "--ni-record=a.har", "--ni-ledger=a.json", "--ni-rate=1"])
def test_live_flags_need_ni_live(project: Project, flag: str) -> None:
    result = project.run(flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "is for live runs: give --ni-live too" in result.stderr.str()


def test_interrupted_it_writes_recording_and_report(
    project: Project, account: None, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    arguments = [*SUITE, *flags(stand_in), "--ni-rate", "1", "--ni-record", "live.har", "--ni-report", "live.json"]
    command = [sys.executable, "-m", "pytest", "-p", "ni_contract", *project.flags, *arguments]
    with subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True) as process:
        while not stand_in.received:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    received = len(stand_in.received)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert f"interrupted (SIGINT) after {received} requests" in out
    assert len(json.loads((project.path / "live.har").read_text())["log"]["entries"]) == received < whole_plan()
    assert json.loads((project.path / "live.json").read_text())["error"]
