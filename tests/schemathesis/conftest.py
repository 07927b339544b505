"""Runs Schemathesis over the simulator and over mutants of it. `tox -e schemathesis` runs these tests.

They are collected only where Schemathesis is installed: elsewhere `pytest tests` leaves them out, and
`pytest tests/schemathesis` ends with exit code 5, no tests ran, so that an environment that lacks it does not pass.

This folder must not get an `__init__.py`: `tests` is on the path, and the folder would hide the real package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from ni_contract.contract_files import spec_folder
from ni_contract.drivers.http_target import AsgiTarget
from ni_contract.exchange import Answer, Request
from ni_contract.simulator import create_app

PHASES = ("examples", "coverage", "fuzzing")
Change = Callable[[Request, Answer], Answer]


def _installed() -> bool:
    # The folder itself could be imported as a namespace package called schemathesis.
    try:
        return bool(version("schemathesis"))
    except PackageNotFoundError:
        return False


collect_ignore_glob = [] if _installed() else ["test_*.py"]


@dataclass(frozen=True)
class Finished:
    """A run that is over: its exit code, what it printed, its event stream, the folder it ran in."""

    exit_code: int
    output: str
    events: list[dict[str, Any]]
    folder: Path

    def all(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event[kind] for event in self.events if kind in event]

    def selected(self) -> int:
        """How many operations were selected."""
        return self.all("LoadingFinished")[0]["statistic"]["operations"]["selected"]

    def tested(self, phase: str) -> set[str]:
        """The operations that *phase* brought to an end with at least one answer that was checked."""
        ended = [
            s for s in self.all("ScenarioFinished") if s["phase"] == phase and s["status"] in ("success", "failure")
        ]
        return {s["recorder"]["label"] for s in ended if s["recorder"]["checks"] and s["recorder"]["interactions"]}

    def cases(self) -> list[Any]:
        """What was asked, in order, without what differs by nature: ids and times."""
        told = [s["recorder"]["cases"].values() for s in self.all("ScenarioFinished")]
        keys = ("method", "path", "query", "body", "media_type")
        return [[{key: case["value"].get(key) for key in keys} for case in cases] for cases in told]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Finished]:
    """Runs Schemathesis with the ready config against a server, in a folder of its own."""

    def run_it(url: str, *options: str, config: Path | None = None, **environment: str) -> Finished:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        script = Path(sys.executable).with_name("schemathesis")
        command = [script, "--no-color", "--config-file", config or spec_folder() / "schemathesis.toml", "run"]
        command += [spec_folder() / "openapi.yaml", "--url", url, "--seed", "1", "--generation-database", "none"]
        command += ["--report", "ndjson", "--report-ndjson-path", "events.ndjson", *options]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NI_")}
        done = subprocess.run(
            command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=120, check=False
        )
        lines = (folder / "events.ndjson").read_text("utf-8").splitlines()
        return Finished(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines], folder)

    return run_it


@contextmanager
def served(change: Change, edition: str = "documented") -> Iterator[str]:
    """The URL of the simulator with its answers changed by *change*, on a free port."""
    target, lock = AsgiTarget(create_app(edition=edition), "simulator", 10), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"http://{self.headers['host']}{self.path}"
            request = Request(self.command, url, tuple(self.headers.items()), body)
            with lock:
                answer = change(request, target.send(request))
            self.send_response(answer.http_status)
            for name, value in answer.headers:
                if name.lower() not in ("content-length", "date", "server", "connection"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else answer.body)

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        target.close()
