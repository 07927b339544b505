"""`ni-contract serve`, in a thread, and as a process where signals and the environment count."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from served_commands import ServedCommand

from ni_contract.cli import main

Refused = Callable[..., tuple[int, str]]
RUN = "from ni_contract.cli import main; raise SystemExit(main())"
PARAMS = {"api_key": "n3xm0rocks", "api_secret": "12ab34cd", "number": "441632960960"}


@contextmanager
def serving(*arguments: Any, **environment: Any) -> Any:
    """The process, its first screen, and its URL."""
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("NI_")}, **environment}
    command = [sys.executable, "-c", RUN, "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            screen = "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
            yield process, screen, re.search(r"^serving (\S+)$", screen, re.MULTILINE)[1]
        finally:
            process.kill()


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Exit code and message of a start that fails, in this process; one that does not fail serves nothing."""
    for server in ("serve_app", "serve_with_workers"):
        monkeypatch.setattr(f"ni_contract.commands.serve.{server}", lambda *_: pytest.fail("it was not refused"))

    def start(*arguments: str) -> tuple[int, str]:
        try:
            code = main(["serve", *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().err

    return start


def status(url: str, **params: Any) -> Any:
    return httpx2.get(f"{url}/json", params={**PARAMS, **params}).json()["status"]


def test_first_screen_has_all_facts() -> None:
    """The first screen has the address, the settings and the limits."""
    with serving() as (_, screen, url):
        assert screen.startswith(f"serving {url}\n")
        for words in ("documented", "the published examples", "no live data", "libphonenumber", "bill"):
            assert words in screen
        assert status(url) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_in_silence(number: int, code: int) -> None:
    with serving() as (process, _, _):
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err) == (code, "", "")


def test_credentials_are_taken_and_hidden() -> None:
    """Credentials come from the command line or the environment, and are not shown."""
    with serving("--api-key", "thekey", NI_API_SECRET="thesecret", NI_API_KEY="overruled") as (process, screen, url):
        assert status(url, api_key="thekey", api_secret="thesecret") == 0
        assert status(url) == 4
        process.send_signal(signal.SIGINT)
        shown = screen + "".join(process.communicate(timeout=120))
        assert "thekey" not in shown
        assert "thesecret" not in shown
        assert "the command line and the environment and the published examples" in shown


def test_rate_quota_and_edition_are_obeyed() -> None:
    with ServedCommand("serve", "--rate", "100000", "--quota", "1", "--edition", "observed") as served:
        assert [status(served.url, number=n) for n in ("12", "441632960960", "441632960960")] == [3, 0, 9]


def test_tls_prints_the_authority_to_trust() -> None:
    with ServedCommand("serve", "--tls") as served:
        assert served.url.startswith("https://127.0.0.1:")
        (file,) = re.findall(r"^CA certificate (.+)$", served.out, re.MULTILINE)
        with httpx2.Client(verify=ssl.create_default_context(cafile=file)) as client:
            assert client.get(f"{served.url}/json", params=PARAMS).json()["status"] == 0


def test_a_script_and_an_admin_endpoint(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"status": 9}]))
    with ServedCommand("serve", "--script", str(script), "--admin", "/_admin") as served:
        assert "/_admin/script" in served.out
        assert [status(served.url), status(served.url)] == [9, 0]
        httpx2.put(f"http://{served.host}/_admin/script", json=[{"http_status": 503}])
        assert httpx2.get(f"{served.url}/json", params=PARAMS).status_code == 503


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "65536"], "not a whole number from 0 to 65535"),
        (["--rate", "0"], "rate is 0"),
        (["--rate", "many"], "invalid int value"),
        (["--edition", "newest"], "invalid choice"),
        (["--api-key", ""], "a credential is empty"),
        (["--admin", "/ni"], "in the way of /ni/basic"),
        (["--script", "nowhere.json"], "--script nowhere.json: cannot be read"),
    ],
)
def test_bad_arguments_end_with_2(refused: Refused, arguments: Any, words: str) -> None:
    code, message = refused(*arguments)
    assert code == 2
    assert words in message


def test_empty_variable_ends_with_2(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is refused, as by the other commands: it may stand for a secret that a job did not get."""
    monkeypatch.setenv("NI_API_KEY", "")
    code, message = refused()
    assert (code, "a credential is empty" in message) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not JSON"), ("{}", "list of steps"), ('[{"x": 1}]', "step 1: unknown")]
)
def test_bad_script_file_ends_with_2(refused: Refused, tmp_path: Path, text: str, words: str) -> None:
    script = tmp_path / "script.json"
    script.write_text(text)
    code, message = refused("--script", str(script))
    assert (code, words in message) == (2, True)


def test_used_port_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 3
    message = capsys.readouterr().err
    assert "try --port 0" in message
    assert "Traceback" not in message


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_workers_serve_until_a_signal(number: int, code: int) -> None:
    """Two processes answer on one port, and a signal to the first ends both without output."""
    with serving("--workers", "2") as (process, screen, url):
        assert "documented" in screen
        assert [status(url) for _ in range(8)] == [0] * 8
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err) == (code, "", "")
        with pytest.raises(httpx2.ConnectError):
            status(url)


@pytest.mark.parametrize(
    "arguments", [("--rate", "5"), ("--quota", "0"), ("--admin", "/_admin"), ("--script", "s.json"), ("--tls",)]
)
def test_workers_refuse_what_counts(refused: Refused, arguments: Any) -> None:
    """Counts and certificates of one process cannot be shared by several: a usage error before the start."""
    code, message = refused("--workers", "2", *arguments)
    assert code == 2
    assert arguments[0] in message


@pytest.mark.parametrize("workers", ["0", "65", "-1"])
def test_workers_have_bounds(refused: Refused, workers: Any) -> None:
    code, message = refused("--workers", workers)
    assert code == 2
    assert "1 to 64" in message
