"""The command line: exit codes, one sentence for bad input, and no secret anywhere."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from fakes import closed_port, endless_server, http, raw_server

from ni_contract.cli import main
from ni_contract.commands.parser import COMMANDS
from ni_contract.contract.spec_files import spec_names
from ni_contract.exchanges.credentials import Credentials
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.verify import verify
from ni_contract.simulator import RunningSimulator, Settings

SECRETS = ["--api-key", "k3y-of-mine", "--api-secret", "s3cr3t+/&=x", "--signature-secret", "sign!ture"]
ACCOUNT = Credentials(SECRETS[1], SECRETS[3], SECRETS[5])


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    for secret in (SECRETS[1], SECRETS[3], SECRETS[5], ACCOUNT.basic_token()):
        assert secret not in captured.out + captured.err
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def test_verify_without_target_uses_simulator(capsys: pytest.CaptureFixture[str]) -> None:
    """verify without a target verifies the simulator in both editions."""
    code, out, err = run(capsys, "verify")
    assert code == 0
    assert out.splitlines()[0] == "the embedded simulator"
    assert "documented  conformant" in out
    assert "observed    conformant" in out
    assert "no rate is declared" not in out
    assert err == ""


@pytest.mark.parametrize("edition", ["documented", "observed"])
def test_a_conformant_target_exits_with_0(capsys: pytest.CaptureFixture[str], edition: str) -> None:
    with RunningSimulator(Settings(edition=edition, credentials=ACCOUNT)) as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--explore", "0", "--edition", edition, *SECRETS)
    assert (code, f"{edition:<11} partial  (this edition sets the exit code)" in out) == (0, True)


def test_edition_flag_sets_result(capsys: pytest.CaptureFixture[str]) -> None:
    """A target is judged by the edition that is selected."""
    with RunningSimulator(Settings(edition="observed", credentials=ACCOUNT)) as simulator:
        assert run(capsys, "verify", simulator.url, "--explore", "0", *SECRETS)[0] == 1


def test_a_declared_rate_is_tested(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where the command sleeps, so that the machine's load does not matter."""
    clock = VirtualClock(1_795_427_367.0)
    monkeypatch.setattr(
        "ni_contract.commands.verify.verify",
        lambda target, plan, step: verify(target, plan, step, clock, clock.sleep),
    )
    with RunningSimulator(Settings(rate=10, credentials=ACCOUNT, clock=clock)) as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--features", "throttle=10", "--explore", "0", *SECRETS)
    assert (code, "documented  conformant" in out) == (0, True)


@pytest.mark.parametrize("only", ["NIB-REL-010", "NIB-REL-01?"])
def test_only_sends_the_burst(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, only: str) -> None:
    clock = VirtualClock(1_795_427_367.0)
    monkeypatch.setattr(
        "ni_contract.commands.verify.verify",
        lambda target, plan, step: verify(target, plan, step, clock, clock.sleep),
    )
    with RunningSimulator(Settings(credentials=ACCOUNT, clock=clock)) as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--features", "throttle=5", "--only", only, *SECRETS)
    assert (code, "none of them was answered with status 1" in out) == (1, True)


def test_credentials_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NI_API_KEY", ACCOUNT.api_key)
    monkeypatch.setenv("NI_API_SECRET", ACCOUNT.api_secret)
    monkeypatch.setenv("NI_SIGNATURE_SECRET", ACCOUNT.signature_secret)
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        assert run(capsys, "verify", simulator.url, "--explore", "0")[0] == 0


def test_wrong_credentials_are_nonconformant(capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong credentials make a target nonconformant, and a sentence says so."""
    with RunningSimulator() as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--explore", "0", *SECRETS)
    assert code == 1
    assert "NIB-AUT-001 a valid api_key" in out


def test_https_with_own_certificate(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator(Settings(credentials=ACCOUNT), tls=True) as simulator:
        url = str(simulator.https_url)
        code, out, _ = run(capsys, "verify", url, *SECRETS)
        assert (code, "TLS handshake failed" in out) == (3, True)
        assert run(capsys, "verify", url, "--ca-file", str(simulator.ca_file), "--explore", "0", *SECRETS)[0] == 0


def error_of(capsys: pytest.CaptureFixture[str], url: str, *more: str) -> str:
    code, out, _ = run(capsys, "verify", url, *SECRETS, *more)
    assert code == 3
    assert "documented  error  (this edition sets the exit code)" in out
    return next(line for line in out.splitlines() if line.startswith("error: "))


def test_target_down_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert "refused" in error_of(capsys, f"http://127.0.0.1:{closed_port()}")


def test_hanging_target_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(None) as url:
        assert "0.2 seconds" in error_of(capsys, url, "--timeout", "0.2")


@pytest.mark.parametrize(
    ("first", "again"), [(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n")]
)
def test_endless_head_exits_with_3(capsys: pytest.CaptureFixture[str], first: bytes, again: bytes) -> None:
    """A target whose head never ends exits with 3."""
    with endless_server(first, again) as url:
        assert "0.3 seconds" in error_of(capsys, url, "--timeout", "0.3")


def test_target_without_tls_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(http("{}")) as url:
        assert "TLS" in error_of(capsys, url.replace("http:", "https:"))


def test_target_without_http_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        assert "not HTTP" in error_of(capsys, url)


def test_redirecting_target_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    head = "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:1/ni/basic/json?api_secret=s3cr3t"
    with raw_server(http("", head)) as url:
        assert "redirects (HTTP 301)" in error_of(capsys, url)


def test_garbage_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A target that answers garbage exits with 1, and the URL is doubted."""
    with raw_server(http("<html>", "HTTP/1.1 200 OK\r\nContent-Type: text/html")) as url:
        code, out, _ = run(capsys, "verify", url, "--explore", "0", *SECRETS)
    assert code == 1
    assert "right base URL" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "nowhere"], "neither a URL"),
        (["verify", "nowhere.har"], "nowhere.har: there is no such file"),
        (["verify", "--jobs", "0"], "is not a whole number from 1"),
        (["verify", "https://api.nexmo.com"], "public host"),
        (["verify", "--only", "NIB-XXX-*"], "matches no clause"),
        (["verify", "--features", "yaml"], "no feature 'yaml'"),
        (["verify", "--report", "x.pdf"], "chooses the format"),
        (["verify", "--deviations", "none.toml"], "cannot be read"),
        (["verify", "--edition", "third"], "invalid choice"),
        (["verify", "--explore", "-1"], "whole number"),
        (["verify", "--explore", "1.5"], "whole number"),
        (["verify", "--rate", "0"], "greater than 0"),
        (["verify", "--timeout", "nan"], "greater than 0"),
        (["verify", "--api-key", ""], "credential is empty"),
        (["verify", "http://127.0.0.1:1", "--ca-file", "none.pem"], "none.pem"),
        (["verify", "a", "b"], "unrecognized arguments"),
        (["verify", "http://[::1"], "not a URL"),
        (["verify", "127.0.0.1:8080"], "did you mean http://127.0.0.1:8080?"),
        (["verify", "--features", "throttle=1000000"], "from 1 to 9999 requests a second"),
        (["verify", "--api-secret", "\udcff\udcfe"], "not text in UTF-8"),
        (["serve", "--api-secret", "\udcff\udcfe"], "not text in UTF-8"),
        (["explain", "NIB-XXX-001"], "no clause"),
        (["spec", "nothing.yaml"], "no file"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_bad_usage_exits_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert message in err
    assert out == ""


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 2
    for command in COMMANDS:
        assert command in out


def test_only_in_lower_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "verify", "--explore", "0", "--only", "nib-res-004")[0] == 0


def test_a_wrong_account_is_hinted_at(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        _, out, _ = run(capsys, "verify", simulator.url, "--explore", "0", "--api-secret", "another")
    assert "give the target's own --api-key and --api-secret" in out


def test_only_judges_what_it_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert run(capsys, "verify", "--explore", "0", "--only", "NIB-RES-00[14]", "--report", str(report))[0] == 0
    clauses = json.loads(report.read_text())["editions"]["documented"]["clauses"]
    assert [clause["id"] for clause in clauses] == ["NIB-RES-001", "NIB-RES-004"]


def test_data_files_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "spec", "--list")
    assert (code, out.split()) == (0, spec_names())
    code, out, _ = run(capsys, "spec", "openapi.yaml")
    assert (code, out.startswith("openapi: 3.1")) == (0, True)
    code, out, _ = run(capsys, "spec", "--path")
    assert (Path(out.strip()) / "openapi.yaml").is_file()


def test_explain_shows_source_and_example(capsys: pytest.CaptureFixture[str]) -> None:
    """A clause is explained with its source and an example that breaks it."""
    code, out, _ = run(capsys, "explain", "nib-res-004")
    assert code == 0
    for part in ("request_id has 1 to 40 characters", "MUST", "Keys and Values, request_id", "41 characters"):
        assert part in out
    assert len(run(capsys, "explain")[1].splitlines()) > 60


def test_an_application_is_judged_in_process(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verify", "ni_contract.simulator:app", "--explore", "0")
    assert (code, out.splitlines()[0]) == (0, "ni_contract.simulator:app")


def test_unwritable_report_fails_before_sending(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that cannot be written fails before anything is sent."""
    target = f"http://127.0.0.1:{closed_port()}"
    (tmp_path / "folder.json").mkdir()
    code, _, err = run(capsys, "verify", target, "--report", str(tmp_path / "folder.json"))
    assert (code, "that is a folder" in err) == (2, True)
    code, _, err = run(capsys, "verify", target, "--report", str(tmp_path / ("x" * 300 + ".json")))
    assert (code, "too long" in err) == (2, True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, _, err = run(capsys, "verify", target, "--report", str(tmp_path / "x.json"))
    assert (code, "no permission" in err) == (2, True)


def test_excluded_rate_limit_is_untested(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verify", "--explore", "0", "--features", "no-throttle")
    assert (code, "no rate is declared" in out) == (0, True)


@pytest.mark.parametrize("line", ["import sys; sys.exit(7)", "raise GeneratorExit", "def app(): raise SystemExit(7)"])
def test_exiting_module_is_usage_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    (tmp_path / "leaving.py").write_text(line + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "leaving", raising=False)
    code, _, err = run(capsys, "verify", "leaving:app")
    monkeypatch.delitem(sys.modules, "leaving", raising=False)
    assert (code, len(err.splitlines())) == (2, 1)


def test_repeat_line_has_changed_flags(capsys: pytest.CaptureFixture[str]) -> None:
    """The repeat line carries the flags that change the run."""
    with RunningSimulator() as simulator:
        url = simulator.url
        _, out, _ = run(capsys, "verify", url, "--features", "no-xml", "--explore", "7", "--seed", "20261127", *SECRETS)
    line = next(line for line in out.splitlines() if line.startswith("  repeat") and "NIB-AUT-001" in line)
    secrets = '--api-key "$NI_API_KEY" --api-secret "$NI_API_SECRET" --signature-secret "$NI_SIGNATURE_SECRET"'
    command = f"ni-contract verify {url} --only NIB-AUT-001 --features no-xml {secrets} --vectors "
    assert line.split(maxsplit=1)[1].startswith(command)
