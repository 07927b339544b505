"""Parallel requests change neither a verdict nor a report."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from right.plain import Provider
from test_right_providers import WithoutForms
from thoroughness import ask_few_regions

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.drivers.provider import driver, growth
from ni_contract.drivers.provider.find_target import find_target
from ni_contract.exchanges.credentials import Credentials
from ni_contract.report.as_json import report_document
from ni_contract.runs.embedded import VirtualClock
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

pytestmark = pytest.mark.slow

NOW = 1_795_427_367.0
# Values that differ between runs: ids, the port, and the time of an answer.
_VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{20,27}|127\.0\.0\.1:\d+|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT")


class Broken(WithoutForms):
    """A provider that reads no form, and writes French prefixes as numbers."""

    def facts(self, parsed: Any, international: str) -> Any:
        found = super().facts(parsed, international)
        return found | ({"country_prefix": 33} if found["country_code"] == "FR" else {})


class Closing(Provider):
    """A right provider whose server closes a connection when the fourth request comes over it, without an answer."""

    served = 3


class Dropping(Provider):
    """A provider whose server closes a connection when a POST comes over it after another request."""

    dropped = ("POST",)


class Spilling(Provider):
    """A provider whose server writes a body for HEAD too, with which the next answer begins."""

    spills = True


class Unreading(Provider):
    """A provider whose server does not read the body of a request that it refuses."""

    unread = ("PUT", "PATCH")


class Hanging(Provider):
    """A provider that closes the connection instead of answering a number that is too long."""

    def look_up(self, number: str | None, country: str | None) -> dict[str, str]:
        if number and len(number) > 20:
            raise ConnectionAbortedError
        return super().look_up(number, country)


@contextmanager
def served(provider: Provider, kind: type[HTTPServer] = ThreadingHTTPServer) -> Iterator[str]:
    """The URL of a server that answers several connections, one request after the other."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize, count = "HTTP/1.1", -1, 0

        def log_message(self, *arguments: Any) -> None:
            """Writes nothing."""

        def _answer(self) -> None:
            is_unread = self.command in getattr(provider, "unread", ())
            body = b"" if is_unread else self.rfile.read(int(self.headers.get("content-length") or 0))
            path, _, query = self.path.partition("?")
            self.count += 1
            headers = {name.lower(): value for name, value in self.headers.items()}
            is_dropped = self.count > 1 and self.command in getattr(provider, "dropped", ())
            self.close_connection = is_dropped or self.count > getattr(provider, "served", self.count)
            if self.close_connection:
                return
            try:
                with lock:
                    status, content_type, answer = provider(self.command, path, query, headers, body)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            is_empty = self.command == "HEAD" and not getattr(provider, "spills", False)
            self.wfile.write(b"" if is_empty else answer)

        def __getattr__(self, name: str) -> Any:
            """`do_GET` and the like."""
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

    server = kind(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run_of(url: str, jobs: int, clock: VirtualClock) -> Run:
    account = Credentials()
    clauses = load_catalogue().select("provider")
    plan = VerifyPlan(account, parse_claims("", True), clauses, examples=5, jobs=jobs)
    target = find_target(url, 60, account=account)
    try:
        return verify(target, plan, clock=clock, sleep=clock.sleep)
    finally:
        target.close()


def served_run(provider: Any, jobs: int) -> Run:
    clock = VirtualClock(NOW)
    with served(provider(clock)) as url:
        return run_of(url, jobs, clock)


def report_of(run: Run) -> str:
    """The JSON report of *run*, without what differs between runs."""
    document = report_document(run, "documented") | {"seconds": 0, "provenance": {}}
    return _VARYING.sub("…", json.dumps(document, indent=1))


@pytest.fixture(autouse=True)
def few_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every eightieth number suffices for many requests under way; a slow machine is no reason to ask one again."""
    ask_few_regions(monkeypatch, 80)
    monkeypatch.setattr(driver, "_PATIENCE_SECONDS", 60.0)


@pytest.mark.parametrize(
    ("provider", "failing"),
    [
        (lambda clock: Broken(clock=clock), {"NIB-REQ-002", "NIB-RES-015"}),
        (
            lambda clock: Provider(clock=clock, numbers={"447700900000", "14155550100", "33612345678"}),
            {"NIB-NUM-001"},
        ),
        (lambda clock: Closing(clock=clock), set()),
        (lambda clock: Hanging(clock=clock), {"NIB-REQ-012", "NIB-NUM-002", "NIB-NUM-005", "NIB-NUM-021"}),
    ],
    ids=["broken", "canned", "closing", "hanging"],
)
def test_jobs_change_no_report(provider: Any, failing: set[str]) -> None:
    one_by_one, at_once = (served_run(provider, jobs) for jobs in (1, 8))
    assert {verdict.clause.id for verdict in one_by_one.verdicts["documented"] if verdict.word == "fail"} == failing
    assert report_of(at_once) == report_of(one_by_one)


def test_server_of_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that reads one connection until it is closed is judged, although it leaves the others unanswered."""
    monkeypatch.setattr(driver, "_PATIENCE_SECONDS", 1.0)
    clock = VirtualClock(NOW)
    with served(Provider(clock=clock), HTTPServer) as url:
        run = run_of(url, 4, clock)
    assert run.results["documented"] == "partial"
    assert any("serves one at a time" in note for note in run.notes)


def test_jobs_grow_while_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many requests are under way at once while that makes more answers come a second."""
    clock = VirtualClock(0.0)
    monkeypatch.setattr(growth, "RealClock", SimpleNamespace(monotonic=clock))
    counted, jobs = growth.Growth(), (4, 64)
    # The number of answers, the seconds since the start, and the jobs after them.
    for answers, seconds, expected in ((7, 1.0, (4, 64)), (8, 1.0, (8, 64)), (32, 3.0, (16, 64)), (32, 5.0, (8, 8))):
        counted.answers, clock.now = answers, seconds
        jobs = counted.next(*jobs)
        assert jobs == expected
    assert counted.next(*jobs) == jobs


@pytest.mark.parametrize("jobs", [1, 8])
@pytest.mark.parametrize(
    ("provider", "clause_id"), [(Dropping, "NIB-REQ-012"), (Spilling, "NIB-REQ-010"), (Unreading, "NIB-REQ-012")]
)
def test_fault_between_requests(provider: Any, clause_id: str, jobs: int) -> None:
    """Which request is shown depends on the number of connections, and the verdict does not."""
    run = served_run(lambda clock: provider(clock=clock), jobs)
    assert {verdict.clause.id for verdict in run.verdicts["documented"] if verdict.word == "fail"} == {clause_id}


def test_jobs_keep_verdicts_at_rate() -> None:
    """The number of answers Busy depends on the speed of the requests, and nothing else does."""
    words = []
    for jobs in (1, 8):
        run = served_run(lambda clock: Broken(clock=clock, rate=20), jobs)
        assert any("Busy" in note for note in run.notes)
        words.append({verdict.clause.id: verdict.word for verdict in run.verdicts["documented"]})
    assert words[0] == words[1]
    assert {clause for clause, word in words[0].items() if word == "fail"} == {"NIB-REQ-002", "NIB-RES-015"}
