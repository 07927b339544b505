"""`ni-contract lookup`: output for a person and as JSON, exit codes, and no request to a public host without --live."""

from __future__ import annotations

import json

import pytest
from client.client_forms import ACCOUNT
from fakes import closed_port, endless_server, http, raw_server
from reference_answer import SUCCESS

from ni_contract.cli import main
from ni_contract.client import Success
from ni_contract.commands import lookup as command
from ni_contract.simulator import RunningSimulator, Settings

NUMBER = "441632960960"
NOWHERE = ["--base-url", "http://127.0.0.1:1"]
CREDENTIALS = [
    "--api-key",
    ACCOUNT.api_key,
    "--api-secret",
    ACCOUNT.api_secret,
    "--signature-secret",
    ACCOUNT.signature_secret,
]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["lookup", *arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    for secret in (ACCOUNT.api_key, ACCOUNT.api_secret, ACCOUNT.signature_secret, ACCOUNT.basic_token()):
        assert secret not in captured.out + captured.err
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def test_a_success_for_a_person(capsys: pytest.CaptureFixture[str], simulators: dict[str, RunningSimulator]) -> None:
    code, out, err = run(capsys, "+44 (0)1632 960960", "--base-url", simulators["documented"].url)
    assert (code, err) == (0, "")
    *lines, last = out.splitlines()
    assert lines == [
        "international  441632960960",
        "national       01632 960960",
        "country        United Kingdom (GB, GBR)",
        "calling code   44",
    ]
    assert last.startswith("request id     ")


@pytest.mark.parametrize("edition", ["documented", "observed"])
@pytest.mark.parametrize("flag", [[], ["--xml"], ["--post"], ["--xml", "--post"]])
def test_a_success_for_a_machine(
    capsys: pytest.CaptureFixture[str], simulators: dict[str, RunningSimulator], edition: str, flag: list[str]
) -> None:
    code, out, _ = run(capsys, "01632960960", "--country", "GB", "--json", *flag, "--base-url", simulators[edition].url)
    values = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert values == SUCCESS | {"request_id": values["request_id"]}


@pytest.mark.parametrize(
    ("edition", "status", "key"), [("documented", 5, "error_text"), ("observed", 3, "status_message")]
)
def test_a_refusal(
    capsys: pytest.CaptureFixture[str],
    simulators: dict[str, RunningSimulator],
    edition: str,
    status: int,
    key: str,
) -> None:
    url = simulators[edition].url
    code, out, _ = run(capsys, "123", "--json", "--base-url", url)
    values = json.loads(out)
    assert (code, values["status"], values["reason"]) == (1, status, values[key])
    code, out, _ = run(capsys, "123", "--base-url", url)
    assert (code, out) == (1, f"refused        status {status}, {out.split()[3][:-1]}: {values['reason']}\n")


def test_terminal_controls_are_escaped(
    capsys: pytest.CaptureFixture[str], simulators: dict[str, RunningSimulator]
) -> None:
    """Text that would move the cursor is escaped."""
    simulators["documented"].script.set([{"status": 43, "text": "a\x1b[2Jb\nc"}])
    code, out, _ = run(capsys, NUMBER, "--base-url", simulators["documented"].url)
    assert (code, out) == (1, "refused        status 43, UnknownStatus: a\\x1b[2Jb\\nc\n")


@pytest.mark.parametrize(
    "way",
    [[], ["--basic"], *(["--sign", m] for m in ("md5hash", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"))],
)
def test_credentials_of_every_kind(capsys: pytest.CaptureFixture[str], way: list[str]) -> None:
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        for more in ([], ["--xml", "--post"]):
            assert run(capsys, NUMBER, *way, *more, *CREDENTIALS, "--base-url", simulator.url)[0] == 0
        assert run(capsys, NUMBER, *way, "--base-url", simulator.url)[0] == 1
        for exchange in simulator.received:
            assert ("authorization" in dict(exchange.request.headers)) == (way == ["--basic"])
            assert ("sig=" in exchange.request.url + exchange.request.body.decode()) == ("--sign" in way)


def test_credentials_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NI_API_KEY", ACCOUNT.api_key)
    monkeypatch.setenv("NI_API_SECRET", ACCOUNT.api_secret)
    with RunningSimulator(Settings(credentials=ACCOUNT)) as simulator:
        assert run(capsys, NUMBER, "--base-url", simulator.url)[0] == 0


def test_echoed_secret_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    with RunningSimulator() as simulator:
        simulator.script.set([{"status": 4, "text": f"no {ACCOUNT.api_secret}"}] * 2)
        assert "no ***" in run(capsys, NUMBER, *CREDENTIALS, "--base-url", simulator.url)[1]
        assert "no ***" in run(capsys, NUMBER, "--json", *CREDENTIALS, "--base-url", simulator.url)[1]


def test_busy_is_retried_only_when_asked(
    capsys: pytest.CaptureFixture[str], simulators: dict[str, RunningSimulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "BUSY_DELAY", 0.0)
    simulator = simulators["documented"]
    for retries, code in (("0", 1), ("1", 0)):
        simulator.script.set([{"status": 1}])
        assert run(capsys, NUMBER, "--retry", retries, "--base-url", simulator.url)[0] == code


def test_over_https(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with RunningSimulator(tls=True) as simulator:
        ca_file = str(simulator.ca_file)
        assert run(capsys, NUMBER, "--base-url", simulator.https_url, "--ca-file", ca_file)[0] == 0
        code, _, err = run(capsys, NUMBER, "--base-url", simulator.https_url)
        assert (code, "certificate" in err) == (3, True)


@pytest.mark.parametrize("where", [[], ["--base-url", "https://api.nexmo.com"], ["--base-url", "https://8.8.8.8"]])
def test_public_host_needs_live_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: list[str]
) -> None:
    """Nothing goes to a public host without --live."""
    monkeypatch.setattr(command, "_ask", lambda *_: pytest.fail("it was asked"))
    code, out, err = run(capsys, NUMBER, *where)
    assert (code, out) == (2, "")
    assert err.startswith("ni-contract: ")
    assert "say --live" in err
    assert err.count("\n") == 1


def test_public_host_gets_no_examples(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A public host gets no example credentials either."""
    monkeypatch.setattr(command, "_ask", lambda *_: pytest.fail("it was asked"))
    monkeypatch.delenv("NI_API_KEY", raising=False)
    code, _, err = run(capsys, NUMBER, "--live")
    assert (code, "needs an account" in err) == (2, True)


def test_live_with_account_is_sent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ask(client: object, _args: object) -> object:
        asked.append(client)
        return Success(**SUCCESS)

    monkeypatch.setattr(command, "_ask", ask)
    assert run(capsys, NUMBER, "--live", *CREDENTIALS)[0] == 0
    assert "https://api.nexmo.com" in repr(asked)


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ([], "NUMBER"),
        (["x", *NOWHERE], "number 'x'"),
        (["", *NOWHERE], "number ''"),
        ([NUMBER, "--country", "gb", *NOWHERE], "country 'gb'"),
        ([NUMBER, "--base-url", "localhost:8080"], "not a URL"),
        ([NUMBER, "--sign", "rot13"], "rot13"),
        ([NUMBER, "--sign", "md5hash", "--basic"], "--basic"),
        ([NUMBER, "--retry", "11"], "not a whole number from 0 to 10"),
        ([NUMBER, "--timeout", "0"], "greater than 0"),
        ([NUMBER, "--api-key", ""], "empty"),
        ([NUMBER, "--base-url", "https://localhost", "--ca-file", "/nowhere"], "/nowhere"),
    ],
)
def test_usage_errors(capsys: pytest.CaptureFixture[str], arguments: list[str], about: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert about in err


@pytest.mark.parametrize("flag", [[], ["--json"]])
def test_failed_lookup_exits_with_3(capsys: pytest.CaptureFixture[str], flag: list[str]) -> None:
    """A server that is not reached, or is not the API, exits with 3."""

    def told(url: str, timeout: str = "5") -> str:
        code, out, err = run(capsys, NUMBER, *flag, "--timeout", timeout, "--base-url", url)
        assert (code, out, err.count("\n")) == (3, "", 1)
        return err

    assert "NotReached: " in told(f"http://127.0.0.1:{closed_port()}")
    with raw_server(http("<h1>no</h1>", "HTTP/1.1 502 Bad Gateway")) as url:
        assert "WrongHttpStatus: HTTP status 502" in told(url)
    with raw_server(http("{}")) as url:
        assert "IncompleteAnswer: " in told(url)
    with endless_server(b"", b"") as url:
        assert "TimedOut: " in told(url, "0.3")
