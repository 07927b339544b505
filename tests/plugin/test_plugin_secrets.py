"""No secret in any output, however the fake uses it."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import Any
from unittest.mock import ANY
from urllib.parse import quote, quote_plus

import pytest
from plugin.conftest import Project

KEY, SECRET, SIGNATURE = "kEy4Zm99", "Zx81+sEcret/77", "Sig-s3cret=99"
TALKATIVE = """
    import asyncio, json, logging, sys
    from ni_contract.simulator import create_app
    from ni_contract.testing import Credentials
    from urllib.parse import unquote_plus

    right = create_app(credentials=Credentials(*KEYS))
    log = logging.getLogger("our.fake")
    logs_only = False

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return await right(scope, receive, send)
        body = (await receive())["body"]
        query = scope["query_string"].decode()
        if not logs_only:
            print("asked", scope["path"], query, unquote_plus(query), body, scope["headers"])
            print({"form": dict(p.partition("=")[::2] for p in unquote_plus(query).split("&"))}, file=sys.stderr)
        log.warning("query %s and headers %r", query, scope["headers"])
        log.debug("body " + body.decode("utf-8", "replace").replace("%", "%%"))
        try:
            raise ValueError(unquote_plus(query), body)
        except ValueError:
            log.exception("caught")

        async def again():
            return {"type": "http.request", "body": body, "more_body": False}

        async def spoil(message):
            if "body" in message and b'"status": 0' in message["body"]:
                answer = json.loads(message["body"])
                answer["request_id"] = f"{unquote_plus(query)} {body.decode('utf-8', 'replace')} " * 2
                message = {**message, "body": json.dumps(answer).encode()}
            elif message["type"] == "http.response.start":
                headers = [h for h in message["headers"] if h[0] != b"content-length"]
                message = {**message, "headers": [*headers, (b"x-asked", query.encode())]}
            await send(message)

        await right(scope, again, spoil)
""".replace("*KEYS", f"{KEY!r}, {SECRET!r}, {SIGNATURE!r}")

LOUD = ("-rA", "-vv", "-l", "--log-level=DEBUG", "--log-file=log.txt", "--log-file-level=DEBUG", "--junitxml=junit.xml",
        "-ojunit_logging=all", "-p", "no:randomly", "-p", "no:asyncio")  # fmt: skip
REPORTS = tuple(f"--ni-report=report.{ending}" for ending in ("json", "md", "xml"))


def leaks(text: str) -> list[str]:
    """The secrets in *text* with their encodings; all but the last letter of one counts as the whole."""
    written = []
    for secret in (KEY, SECRET[:-1], SIGNATURE):
        written += [secret, secret.swapcase(), quote(secret, safe=""), quote_plus(secret)]
    token = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    return [form for form in {*written, token, token.rstrip("=")} if form in text]


@pytest.fixture
def talkative(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (("KEY", KEY), ("SECRET", SECRET)):
        monkeypatch.setenv(f"NI_API_{name}", value)
    monkeypatch.setenv("NI_SIGNATURE_SECRET", SIGNATURE)
    project.file("talkative.py", TALKATIVE)
    project.test_file("import talkative", project.contract("talkative.app"))
    return project


def no_leaks(project: Project, result: pytest.RunResult) -> None:
    shown = {"stdout": result.stdout.str(), "stderr": result.stderr.str()}
    files = [p for p in project.path.rglob("*") if p.is_file() and p.name != "talkative.py" and ".git" not in p.parts]
    shown |= {path.name: path.read_bytes().decode("utf-8", "replace") for path in files if path.suffix != ".pyc"}
    assert {name: leaks(text) for name, text in shown.items() if leaks(text)} == {}
    assert "NIB-RES-004" in shown["stdout"]
    assert "api_secret=***" in shown["stdout"]


def test_the_fake_does_talk(talkative: Project) -> None:
    """The fake does print its secrets, or the tests below would prove nothing."""
    told = "import sys; sys.path.insert(0, ''); import talkative; "
    told += "from ni_contract.drivers.provider.http_target import AsgiTarget; "
    told += "from ni_contract.exchanges.values import Request; t = AsgiTarget(talkative.app, '', 60); "
    told += f"a = t.send(Request('GET', t.base_url + '/json?number=441632960960&api_key={KEY}&"
    told += f"api_secret={quote(SECRET, safe='')}')); print(a.body); t.close()"
    shown = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=talkative.path)
    assert SECRET in shown.stdout
    assert SECRET in shown.stderr


@pytest.mark.slow
def test_live_logs_have_no_secret(talkative: Project) -> None:
    """No secret is in live logs of the HTTP client and of a server."""
    talkative.test_file(
        "import talkative, logging, threading, uvicorn",
        """
        @pytest.fixture(scope="module")
        def url():
            server = uvicorn.Server(uvicorn.Config(talkative.app, port=0, log_config=None))
            talkative.logs_only = True  # a live log lets through what another thread prints meanwhile
            thread = threading.Thread(target=server.run, daemon=True)
            thread.start()
            while not server.started:
                pass
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            server.should_exit = True
            thread.join()
        """,
        talkative.contract("url").replace("(self)", "(self, url)"),
    )
    result = talkative.run_alone(*LOUD, *REPORTS, "--log-cli-level=DEBUG", "-k", "NIB-RES-004")
    assert "HTTP Request: GET" in (talkative.path / "log.txt").read_text()
    result.stdout.fnmatch_lines(["*httpcore2*", "*HTTP Request: GET http://127.0.0.1:*api_secret=[*][*][*]*"])
    result.stdout.fnmatch_lines(['*127.0.0.1:* - "GET /ni/basic/json?*&api_secret=[*][*][*] HTTP/1.1" 200'])
    no_leaks(talkative, result)


@pytest.mark.slow
def test_pytest_output_has_no_secret(talkative: Project) -> None:
    """No secret is in any output of pytest, a failure of a test of the user included."""
    talkative.test_file(
        "import talkative",
        talkative.contract("talkative.app")
        + "    def test_more(self, ni_exchange, ni_credentials):\n"
        + "        exchange, secret = ni_exchange('441632960960'), ni_credentials.api_secret\n"
        + "        print(exchange, secret)\n"
        + "        assert exchange is secret, (exchange.answer.body, secret)\n",
    )
    result = talkative.run_alone(*LOUD, "-k", "test_more or NIB-RES-004 or NIB-RES-005", "--full-trace")
    assert result.parseoutcomes() == {"failed": 2, "passed": 1, "deselected": ANY}
    no_leaks(talkative, result)


@pytest.mark.slow
def test_other_logs_are_unchanged(talkative: Project) -> None:
    """Logs outside of a run are left alone."""
    talkative.test_file(
        "import logging, talkative",
        talkative.contract("talkative.app"),
        """
        def test_zz(caplog):
            assert logging.getLogRecordFactory() is logging.LogRecord
            logging.getLogger("a").warning("api_key=%s", "abcdef")
            assert "api_key=abcdef" in caplog.text
        """,
    )
    assert talkative.run("-k", "test_zz or NIB-REQ-001").parseoutcomes()["passed"] == 2


def test_verify_logs_have_no_secret(talkative: Project) -> None:
    """No secret is in the logs that an application turns on under verify."""
    talkative.file("loud.py", "import logging\nlogging.basicConfig(level=0)\nfrom our_fakes import right as app\n")
    command = [sys.executable, "-m", "ni_contract", "verify", "loud:app", "--explore=0"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, cwd=talkative.path)
    assert "HTTP Request: GET" in shown.stderr
    assert leaks(shown.stdout + shown.stderr) == []
