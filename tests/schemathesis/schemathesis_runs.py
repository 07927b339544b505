"""Runs of Schemathesis, and servers for them."""

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
from pathlib import Path
from typing import Any

from ni_contract.contract.spec_files import spec_folder
from ni_contract.drivers.provider.http_target import AsgiTarget
from ni_contract.exchanges.values import Answer, Request
from ni_contract.simulator import create_app

PHASES = ("examples", "coverage", "fuzzing")
Change = Callable[[Request, Answer], Answer]


@dataclass(frozen=True)
class Finished:
    """A finished run: its exit code, its output, its event stream, its folder."""

    exit_code: int
    output: str
    events: list[dict[str, Any]]
    folder: Path

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event[kind] for event in self.events if kind in event]

    def selected(self) -> int:
        """The number of selected operations."""
        return self.all("LoadingFinished")[0]["statistic"]["operations"]["selected"]

    def tested(self, phase: str) -> set[str]:
        """The operations that *phase* completed with at least one checked answer."""
        ended = [
            s for s in self.all("ScenarioFinished") if s["phase"] == phase and s["status"] in ("success", "failure")
        ]
        return {s["recorder"]["label"] for s in ended if s["recorder"]["checks"] and s["recorder"]["interactions"]}

    def cases(self) -> list[Any]:
        """The requests in order, without ids and times."""
        told = [s["recorder"]["cases"].values() for s in self.all("ScenarioFinished")]
        keys = ("method", "path", "query", "body", "media_type")
        return [[{key: case["value"].get(key) for key in keys} for case in cases] for cases in told]


def run_schemathesis(
    folder: Path, url: str, options: tuple[str, ...], config: Path | None, environment: dict[str, str]
) -> Finished:
    """A seeded run over the server at *url*, in *folder*, with no NI_ variables but those of *environment*."""
    script = Path(sys.executable).with_name("schemathesis")
    command: list[str | Path] = [
        script,
        "--no-color",
        "--config-file",
        config or spec_folder() / "schemathesis.toml",
        "run",
    ]
    command += [spec_folder() / "openapi.yaml", "--url", url, "--seed", "1", "--generation-database", "none"]
    command += ["--report", "ndjson", "--report-ndjson-path", "events.ndjson", *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NI_")}
    done = subprocess.run(
        command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=120, check=False
    )
    lines = (folder / "events.ndjson").read_text("utf-8").splitlines()
    return Finished(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines], folder)


def sent(target: AsgiTarget, request: Request) -> Answer:
    """The answer of *target*; fails for a failure."""
    answer = target.send(request)
    assert isinstance(answer, Answer)
    return answer


@contextmanager
def served(change: Change, edition: str = "documented") -> Iterator[str]:
    """The URL of the simulator with its answers changed by *change*, on a free port."""
    target, lock = AsgiTarget(create_app(edition=edition), "simulator", 60), threading.Lock()

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
                answer = change(request, sent(target, request))
            self.send_response(answer.http_status)
            for name, value in answer.headers:
                if name.lower() not in ("content-length", "date", "server", "connection"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else answer.body)

        def log_message(self, *_args: object) -> None:
            """Does nothing."""

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
