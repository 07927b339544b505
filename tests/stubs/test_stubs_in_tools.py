"""Stubs of `ni-contract stubs`, loaded into the tools themselves, answer as the simulator does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from started_servers import free_port
from stubs.cases import TRIGGERS, answers_of_the_simulator, cases, told, without_id
from stubs.conftest import Ask, Make, needed, node_folder

from ni_contract.simulator import RunningSimulator

API = "https://api.nexmo.com"
ALL_WAYS = ("query", "form", "basic", "none")
DOCS = (Path(__file__).parents[2] / "docs" / "stubs.md").read_text("utf-8")
Start = Callable[..., None]


@pytest.mark.parametrize(
    ("tool", "program", "script", "file"),
    [
        ("nock", "node", "ask.mjs", "number-insight.cjs"),
        ("msw", "node", "ask.mjs", "number-insight.mjs"),
        ("webmock", "ruby", "ask.rb", "number_insight.rb"),
    ],
)
def test_library_answers_as_simulator(tool: str, program: str, script: str, file: str, make: Make, ask: Ask) -> None:
    asked = cases(*ALL_WAYS)
    answers = ask(program, script, tool, make(tool) / file, [case.request(API) for case in asked])
    assert told(answers) == answers_of_the_simulator(asked)


@pytest.mark.parametrize(
    ("tool", "program", "script", "file"),
    [
        ("nock", "node", "ask.mjs", "number-insight.cjs"),
        ("msw", "node", "ask.mjs", "number-insight.mjs"),
        ("webmock", "ruby", "ask.rb", "number_insight.rb"),
    ],
)
def test_unknown_number_is_no_match(tool: str, program: str, script: str, file: str, make: Make, ask: Ask) -> None:
    """The tool reports that there is no match, instead of a wrong answer."""
    request = cases("query")[0].request(API)
    request["url"] = request["url"].replace("441632960960", "441632960961")
    answers = ask(program, script, tool, make(tool) / file, [request])
    assert [one["status"] for one in answers] in ([0], [500])


def test_vcr_answers_as_simulator(make: Make, ask: Ask) -> None:
    # The cassette has no request without a number, and each number with one country only.
    asked = [case for case in cases("query") if case.parameters and ("country", "GB") not in case.parameters]
    answers = ask("ruby", "ask.rb", "vcr", make("vcr") / "number_insight.yml", [case.request(API) for case in asked])
    given = answers_of_the_simulator(asked)
    assert told(answers) == given


def start_wiremock(out: Path, start: Start) -> str:
    jar = next((node_folder() / "wiremock").rglob("wiremock-standalone-*.jar"))
    port = free_port()
    command = [needed("java"), "-jar", str(jar), "--bind-address", "127.0.0.1", "--port", str(port)]
    start([*command, "--root-dir", str(out), "--no-request-journal"], f"http://127.0.0.1:{port}/__admin", out)
    return f"http://127.0.0.1:{port}"


def start_mountebank(out: Path, start: Start) -> str:
    port = free_port()
    command = [needed("node"), str(node_folder() / "mountebank" / "bin" / "mb"), "start", "--port", str(port)]
    flags = ["--host", "127.0.0.1", "--localOnly", "--nologfile", "--pidfile", str(out / "mb.pid")]
    start([*command, *flags], f"http://127.0.0.1:{port}/imposters", out)
    body = (out / "imposters.json").read_bytes()
    load = urllib.request.Request(
        f"http://127.0.0.1:{port}/imposters", body, {"Content-Type": "application/json"}, method="PUT"
    )
    with urllib.request.urlopen(load, timeout=60) as answer:
        found: int = json.load(answer)["imposters"][0]["port"]
    return f"http://127.0.0.1:{found}"


SERVERS = {"wiremock": start_wiremock, "mountebank": start_mountebank}


@pytest.mark.parametrize("tool", SERVERS)
def test_server_answers_as_simulator(tool: str, make: Make, start: Start, ask: Ask) -> None:
    asked = cases(*ALL_WAYS)
    base = SERVERS[tool](make(tool), start)
    answers = ask("node", "ask.mjs", "network", "", [case.request(base) for case in asked])
    assert told(answers) == answers_of_the_simulator(asked)


@pytest.mark.parametrize("edition", ["documented", "observed"])
@pytest.mark.parametrize("tool", SERVERS)
def test_verify_passes_as_documented(tool: str, edition: str, make: Make, start: Start, tmp_path: Path) -> None:
    """The command of docs/stubs.md passes, with the deviations declared there."""
    base = SERVERS[tool](make(tool, "--numbers", "vectors", "--edition", edition), start)
    for_all, for_wiremock = re.findall("```toml\n(.*?)```", DOCS, re.DOTALL)
    deviations = for_all + for_wiremock if tool == "wiremock" else for_all
    (tmp_path / "stubs.toml").write_text(deviations)
    flags = re.findall(r"ni-contract verify http://127\.0\.0\.1:8080 (.*)", DOCS)[0].split()
    command = [sys.executable, "-m", "ni_contract", "verify", base, *flags, "--edition", edition]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


def test_pact_is_honoured_by_simulator(make: Make) -> None:
    """Pact's verifier loads the file, asks the simulator, and compares; each state is set before."""
    file = make("pact") / "client-number-insight-basic.json"
    program = needed(str(Path(sys.executable).with_name("pact")))
    with RunningSimulator() as running, states(running) as url:
        host, port = running.url.removesuffix("/ni/basic").removeprefix("http://").split(":")
        command = [program, "verifier", "--file", str(file), "--hostname", host, "--port", port]
        done = subprocess.run(
            [*command, "--state-change-url", url], capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stdout
        assert len(running.received) == len(json.loads(file.read_text("utf-8"))["interactions"])


@contextmanager
def states(running: RunningSimulator) -> Iterator[str]:
    """A server for the states of the pact: it orders the status that a state names."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["state"]
            running.script.set([{"status": int(found[1])} for found in re.finditer(r"ordered status (\d)", name)])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_newman_gets_saved_examples(make: Make, tmp_path: Path) -> None:
    """Newman sends the collection to the simulator and gets the saved examples, except for ordered statuses."""
    file, report = make("postman") / "number-insight.postman_collection.json", tmp_path / "report.json"
    with RunningSimulator() as running:
        base = running.url.removesuffix("/ni/basic")
        command = [needed("node"), str(node_folder() / "newman" / "bin" / "newman.js"), "run", str(file)]
        flags = ["--env-var", f"base_url={base}", "--reporters", "json", "--reporter-json-export", str(report)]
        subprocess.run([*command, *flags], check=True, timeout=180, env={**os.environ, "CI": "1"})
    done = json.loads(report.read_text("utf-8"))["run"]["executions"]
    saved = {one["name"]: one["response"][0]["body"] for one in json.loads(file.read_text("utf-8"))["item"]}
    assert [one["item"]["name"] for one in done] == list(saved)
    for one in done:
        name = one["item"]["name"]
        if not any(number in name for number in TRIGGERS.values()):
            came = bytes(one["response"]["stream"]["data"]).decode()
            assert without_id(came) == without_id(saved[name]), name
