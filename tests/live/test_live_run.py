"""A live run against a stand-in over HTTPS: its requests, its ends, its files."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from live.conftest import Live
from live.standin import ACCOUNT, StandIn, planned, under_production_name, whole_plan
from ni_contract.cli import main
from ni_contract.contract.catalogue import EDITIONS, load_catalogue
from ni_contract.contract.features import parse_claims
from ni_contract.contract.spec_files import read_spec
from ni_contract.drivers.live.driver import BACK_OFF_SECONDS, DEFAULT_RATE
from ni_contract.drivers.provider.http_target import UrlTarget
from ni_contract.errors import HarnessError
from ni_contract.exchanges.sending import Result
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.recordings.har_writer import HarWriter
from ni_contract.runs.live.planning import make_plan
from ni_contract.runs.live.session import run_live
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan

CLAUSES = load_catalogue().select("provider")


def verdicts(report: str | Path) -> dict[str, dict[str, str]]:
    document = json.loads(Path(report).read_text("utf-8"))
    return {
        edition: {clause["id"]: clause["verdict"] for clause in found["clauses"]}
        for edition, found in document["editions"].items()
    }


def entries(file: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(file).read_text("utf-8"))["log"]["entries"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("edition", EDITIONS)
def test_replay_of_full_run_agrees(edition: str, command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full run under the production name is recorded, and its replay gets the same verdicts."""
    with StandIn(edition=edition) as stand_in, under_production_name(stand_in) as flags:
        reports = ["--record", "live.har", "--report", "live.json"]
        code, out, _ = command("live", "--live", *flags, "--edition", edition, *reports)
        assert code == 0
        assert len(stand_in.received) == len(entries("live.har")) == whole_plan()
    assert out.startswith(f"plan: {whole_plan()} requests to https://api.nexmo.com/ni/basic,")
    # A replay does not need the account.
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET"):
        monkeypatch.delenv(name)
    assert command("verify", "live.har", "--edition", edition, "--report", "replayed.json")[0] == 0
    assert verdicts("replayed.json") == verdicts("live.json")
    assert {word for words in verdicts("live.json").values() for word in words.values()} >= {"pass", "untested"}


def test_replay_of_broken_api_agrees(command: Live) -> None:
    """A broken API gets the same verdicts live and replayed."""
    with StandIn(lambda _m, _p, headers, body: (headers, body.replace(b"GBR", b"gbr"))) as broken:
        assert command("live", "--live", *broken.flags, "--record", "live.har", "--report", "live.json")[0] == 1
    assert command("verify", "live.har", "--report", "replayed.json")[0] == 1
    assert verdicts("replayed.json") == verdicts("live.json")
    assert verdicts("live.json")["observed"]["NIB-RES-013"] == "fail"


def test_report_keeps_schema_and_names_command(stand_in: StandIn, command: Live) -> None:
    command("live", "--live", *stand_in.flags, "--report", "live.json", "--report", "live.md", "--report", "live.xml")
    document = json.loads(Path("live.json").read_text())
    jsonschema.validate(document, json.loads(read_spec("report.schema.json")))
    assert (document["command"], document["requests"], document["result"]) == ("live", whole_plan(), "nonconformant")


@pytest.mark.parametrize("budget", [1, 20])
def test_a_budget_is_kept(stand_in: StandIn, command: Live, budget: int) -> None:
    command("live", "--live", *stand_in.flags, "--budget", str(budget), "--record", "live.har")
    assert len(stand_in.received) == len(entries("live.har")) == budget


def test_budget_counts_repeated_requests(command: Live, quick: Callable[..., Run]) -> None:
    with StandIn(script=({"status": 1},)) as stand_in:
        live = quick(stand_in, budget=3)
        assert len(stand_in.received) == 3
    assert live.error == ""
    reasons = {verdict.reason for verdict in live.verdicts["observed"] if verdict.word == "untested"}
    assert "the budget was spent on asking again while the API was busy" in reasons


@pytest.fixture
def quick() -> Callable[..., Run]:
    """A live run whose clock moves only while it sleeps."""

    def run(target: StandIn | Target, budget: int | None = None, rate: float | None = None) -> Run:
        claims = parse_claims(None, True)
        now = Now()
        found: Any = UrlTarget(target.https_url, 10, str(target.ca_file)) if isinstance(target, StandIn) else target
        plan = VerifyPlan(ACCOUNT, claims, CLAUSES, rate=rate)
        try:
            live = run_live(
                found, plan, make_plan(claims, CLAUSES, True, budget), "quick.har", clock=now, sleep=now.sleep
            )
        finally:
            found.close()
        run.slept = now.slept  # type: ignore[attr-defined]
        return live

    return run


class Now:
    """A clock that moves while the code sleeps; *slept* are the pauses."""

    def __init__(self) -> None:
        self.now, self.slept = time.time(), []  # type: ignore[var-annotated]

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


class Target:
    """A target that gives *results* in turn, and records the time of each request."""

    name = base_url = "https://live.invalid/ni/basic"
    reachable = True
    places: tuple[str, ...] = (base_url,)

    def __init__(self, *results: Result) -> None:
        self.results, self.requests = list(results), 0

    def send(self, _request: Request) -> Result:
        self.requests += 1
        return self.results.pop(0)

    def close(self) -> None:
        """Does nothing."""


def answer(status: int, http_status: int = 200, *headers: tuple[str, str]) -> Answer:
    body = json.dumps({"status": status, "status_message": "x"}).encode()
    return Answer(http_status, (("content-type", "application/json"), *headers), body)


GATEWAY = Answer(502, (("content-type", "text/html"),), b"<html><h1>502 Bad Gateway</h1></html>")
TIMEOUT = Failure("timeout", "no complete answer within 10 seconds")


@pytest.mark.parametrize("position", [1, 20, None], ids=str)
@pytest.mark.parametrize(("status", "words"), [(9, "out of credit"), (4, "status 4 for the request")])
def test_status_4_or_9_ends_run(position: int | None, status: int, words: str, command: Live) -> None:
    """A status 4 or 9 ends the run at once, be it at the first request, another or the last one."""
    position = position or whole_plan()
    # A request with another method uses no step of a script.
    before = sum(step.vector.request["method"] in ("GET", "HEAD", "POST") for step in planned()[: position - 1])
    script = ({"repeat": before}, {"status": status}) if before else ({"status": status},)
    with StandIn(script=script) as stand_in:
        code, out, _ = command("live", "--live", *stand_in.flags, "--record", "live.har", "--report", "live.json")
        sent = len(stand_in.received)
    is_meant = status == 4 and not planned()[position - 1].credentials_are_right
    assert sent == len(entries("live.har")) == position
    assert (code, words in out) == ((1, False) if is_meant else (3, True))


def test_wrong_credentials_end_first_request(stand_in: StandIn, command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NI_API_SECRET", "another-secret")
    code, out, _ = command("live", "--live", *stand_in.flags)
    assert (code, len(stand_in.received)) == (3, 1)
    assert "nothing more was sent: check NI_API_KEY and NI_API_SECRET" in out


def test_busy_api_is_asked_more_slowly(quick: Callable[..., Run]) -> None:
    """A busy API is left alone for a while and then asked more slowly."""
    with StandIn(script=({"status": 1, "repeat": 2},)) as stand_in:
        live = quick(stand_in, rate=2)
        assert len(stand_in.received) == whole_plan() + 2
    slept = quick.slept  # type: ignore[attr-defined]
    assert slept[:2] == list(BACK_OFF_SECONDS[:2])
    assert max(slept[2:]) == pytest.approx(2)  # a quarter of the rate, after two such answers
    assert live.error == ""
    assert {verdict.word for verdict in live.verdicts["observed"]} == {"pass", "untested"}


def test_recorded_busy_api_agrees(command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording of a busy API gets the same verdicts."""
    monkeypatch.setattr("ni_contract.drivers.live.driver.BACK_OFF_SECONDS", (0.01, 0.01))
    monkeypatch.setattr("ni_contract.drivers.provider.driver.BUSY_PAUSE_SECONDS", 0.01)
    with StandIn(script=({}, {"status": 1}, {"repeat": 5}, {"status": 1})) as stand_in:
        files = ["--edition", "observed", "--record", "live.har", "--report", "live.json"]
        assert command("live", "--live", *stand_in.flags, *files)[0] == 0
    assert len(entries("live.har")) == whole_plan() + 2
    _, out, _ = command("verify", "live.har", "--edition", "observed", "--report", "replayed.json")
    assert verdicts("replayed.json") == verdicts("live.json")
    assert re.search(
        rf"note: {whole_plan()} of [12][0-9][0-9] requests are in the recording; only those are judged", out
    )


def test_endlessly_busy_api_is_given_up(quick: Callable[..., Run]) -> None:
    target = Target(*[answer(1)] * 9)
    assert "still busy" in quick(target).error
    assert target.requests == 1 + len(BACK_OFF_SECONDS)


def test_retry_after_is_obeyed(quick: Callable[..., Run]) -> None:
    later = Answer(429, (("retry-after", "17"),), b"Too many")
    target = Target(later, *[TIMEOUT] * 3)
    quick(target)
    assert quick.slept[0] == 17  # type: ignore[attr-defined]


def test_usual_pace_is_below_one(quick: Callable[..., Run], stand_in: StandIn) -> None:
    """The usual pace is below one request a second."""
    quick(stand_in)
    moments = [entry["startedDateTime"] for entry in entries("quick.har")]
    assert DEFAULT_RATE < 1
    assert len({m[:19] for m in moments}) == len(moments) == whole_plan()  # no two in the same second


@pytest.mark.parametrize("fault", [GATEWAY, TIMEOUT, Failure("reset", "the connection was reset")])
def test_other_answers_are_not_judged(fault: Result, quick: Callable[..., Run]) -> None:
    """A response that is no answer of the API fails no clause."""
    target = Target(answer(0), fault, fault, answer(0), *[fault] * 3)
    run = quick(target)
    assert "3 requests in a row got no answer of the API" in run.error
    assert target.requests == 7
    assert run.results["observed"] == "error"
    failing = {judged.clause_id for verdict in run.verdicts["observed"] for judged in verdict.failures}
    assert failing.isdisjoint({"NIB-RES-001", "NIB-RES-003", "NIB-REQ-001"})


@pytest.mark.slow
@pytest.mark.parametrize("script", [{"http_status": 503}, {"fault": "reset"}, {"fault": "cut-off"}, {"delay": 8}])
def test_single_fault_exits_with_3(script: dict[str, Any], command: Live) -> None:
    """A single fault exits with 3, and the rest is judged."""
    with StandIn(script=({"repeat": 4}, script)) as stand_in:
        arguments = ["--edition", "observed", "--record", "live.har", "--report", "live.json", "--timeout", "3"]
        code, out, _ = command("live", "--live", *stand_in.flags, *arguments)
    assert (code, len(entries("live.har"))) == (3, whole_plan())
    assert f"error: 1 of {whole_plan()} requests got no answer of the API" in out
    assert set(verdicts("live.json")["observed"].values()) == {"pass", "untested"}
    # The replay contains what was judged.
    command("verify", "live.har", "--edition", "observed", "--report", "replayed.json")
    assert verdicts("replayed.json") == verdicts("live.json")


def test_missing_server_ends_first_request(command: Live) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    code, out, _ = command("live", "--live", "--base-url", f"https://127.0.0.1:{port}", "--record", "live.har")
    assert (code, len(entries("live.har"))) == (3, 1)
    assert "no answer from the target: nothing listens there" in out


def test_untrusted_certificate_ends_run(stand_in: StandIn, command: Live) -> None:
    code, out, _ = command("live", "--live", "--base-url", stand_in.https_url)
    assert (code, len(stand_in.received)) == (3, 0)
    assert "the TLS handshake failed" in out


def test_deviations_and_clauses_work(stand_in: StandIn, command: Live) -> None:
    """Deviations and single clauses work as for verify."""
    Path("d.toml").write_text('[[deviation]]\nclause = "NIB-ERR-001"\nreason = "seen in 2016"\n')
    only = ["--only", "NIB-ERR-001"]
    assert main(["live", "--live", *stand_in.flags, *only]) == 1
    code, _, _ = command("live", "--live", *stand_in.flags, *only, "--deviations", "d.toml", "--report", "live.json")
    assert (code, verdicts("live.json")["documented"]) == (0, {"NIB-ERR-001": "deviates"})
    assert len(stand_in.received) == 2


def test_failing_recording_ends_with_report(stand_in: StandIn, command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording that cannot be continued ends the run with a report."""
    written = HarWriter.add

    def full(writer: HarWriter, *arguments: Any) -> None:
        if len(stand_in.received) == 3:
            raise HarnessError("the recording live.har cannot be written: No space left on device")
        written(writer, *arguments)

    monkeypatch.setattr(HarWriter, "add", full)
    code, out, _ = command("live", "--live", *stand_in.flags, "--record", "live.har", "--report", "live.json")
    assert (code, len(stand_in.received), len(entries("live.har"))) == (3, 3, 2)
    assert "error: the recording live.har cannot be written" in out
    assert json.loads(Path("live.json").read_text())["requests"] == 3
