"""The command line: exit codes, one sentence for bad input, and no secret anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import closed_port, http, raw_server

from ni_contract.cli import COMMANDS, main
from ni_contract.contract_files import spec_names
from ni_contract.credentials import Credentials
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


def test_verify_without_a_target_verifies_the_simulator_in_both_editions(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "verify")
    assert code == 0
    assert out.splitlines()[0] == "the embedded simulator"
    assert "documented  conformant" in out
    assert "observed    conformant" in out
    assert err == ""


@pytest.mark.parametrize("edition", ["documented", "observed"])
def test_a_conformant_target_exits_with_0(capsys: pytest.CaptureFixture[str], edition: str) -> None:
    with RunningSimulator(Settings(edition=edition, credentials=ACCOUNT)) as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--edition", edition, *SECRETS)
    assert (code, f"{edition:<11} partial  (decides)" in out) == (0, True)


def test_a_target_is_judged_by_the_edition_that_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator(Settings(edition="observed", credentials=ACCOUNT)) as simulator:
        assert run(capsys, "verify", simulator.url, "--explore", "0", *SECRETS)[0] == 1


def test_a_declared_rate_is_tested(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator(Settings(rate=200, credentials=ACCOUNT)) as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--features", "throttle=200", "--explore", "0", *SECRETS)
    assert (code, "documented  conformant" in out) == (0, True)


def test_credentials_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NI_API_KEY", ACCOUNT.api_key)
    monkeypatch.setenv("NI_API_SECRET", ACCOUNT.api_secret)
    monkeypatch.setenv("NI_SIGNATURE_SECRET", ACCOUNT.signature_secret)
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        assert run(capsys, "verify", simulator.url, "--explore", "0")[0] == 0


def test_wrong_credentials_make_a_target_nonconformant_and_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator() as simulator:
        code, out, _ = run(capsys, "verify", simulator.url, "--explore", "0", *SECRETS)
    assert code == 1
    assert "NIB-AUT-001 a valid api_key" in out


def test_over_https_with_a_certificate_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator(Settings(credentials=ACCOUNT), tls=True) as simulator:
        url = str(simulator.https_url)
        code, out, _ = run(capsys, "verify", url, *SECRETS)
        assert (code, "TLS handshake failed" in out) == (3, True)
        assert run(capsys, "verify", url, "--ca-file", str(simulator.ca_file), "--explore", "0", *SECRETS)[0] == 0


def error_of(capsys: pytest.CaptureFixture[str], url: str, *more: str) -> str:
    code, out, _ = run(capsys, "verify", url, *SECRETS, *more)
    assert code == 3
    assert "documented  error  (decides)" in out
    return next(line for line in out.splitlines() if line.startswith("error: "))


def test_a_target_that_is_down_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert "refused" in error_of(capsys, f"http://127.0.0.1:{closed_port()}")


def test_a_target_that_hangs_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(None) as url:
        assert "0.2 seconds" in error_of(capsys, url, "--timeout", "0.2")


def test_a_target_that_does_not_speak_tls_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(http("{}")) as url:
        assert "TLS" in error_of(capsys, url.replace("http:", "https:"))


def test_a_target_that_does_not_speak_http_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        assert "not HTTP" in error_of(capsys, url)


def test_a_target_that_redirects_exits_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    head = "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:1/ni/basic/json?api_secret=s3cr3t"
    with raw_server(http("", head)) as url:
        assert "redirects (HTTP 301)" in error_of(capsys, url)


def test_a_target_that_answers_garbage_exits_with_1_and_the_url_is_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    with raw_server(http("<html>", "HTTP/1.1 200 OK\r\nContent-Type: text/html")) as url:
        code, out, _ = run(capsys, "verify", url, "--explore", "0", *SECRETS)
    assert code == 1
    assert "right base URL" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "nowhere"], "neither a URL"),
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
        (["explain", "NIB-XXX-001"], "no clause"),
        (["spec", "nothing.yaml"], "no file"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_bad_usage_exits_with_2_and_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert message in err
    assert out == ""


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 2
    for command in COMMANDS:
        assert command in out


def test_only_judges_what_it_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert run(capsys, "verify", "--only", "NIB-RES-00[14]", "--report", str(report))[0] == 0
    clauses = json.loads(report.read_text())["editions"]["documented"]["clauses"]
    assert [clause["id"] for clause in clauses] == ["NIB-RES-001", "NIB-RES-004"]


def test_all_data_files_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "spec", "--list")
    assert (code, out.split()) == (0, spec_names())
    code, out, _ = run(capsys, "spec", "openapi.yaml")
    assert (code, out.startswith("openapi: 3.1")) == (0, True)
    code, out, _ = run(capsys, "spec", "--path")
    assert (Path(out.strip()) / "openapi.yaml").is_file()


def test_a_clause_is_explained_with_its_source_and_what_breaks_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "explain", "nib-res-004")
    assert code == 0
    for part in ("request_id has 1 to 40 characters", "MUST", "Keys and Values, request_id", "41 characters"):
        assert part in out
    assert len(run(capsys, "explain")[1].splitlines()) > 60


def test_the_program_runs_as_a_module_and_a_pipe_shows_no_progress_bar() -> None:
    command = [sys.executable, "-m", "ni_contract", "verify", "--explore", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_leaves_nothing_behind_in_the_current_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ni_contract", "verify", "--explore", "50"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert list(tmp_path.iterdir()) == []


def test_an_application_is_judged_in_process(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verify", "ni_contract.simulator:app")
    assert (code, out.splitlines()[0]) == (0, "ni_contract.simulator:app")
