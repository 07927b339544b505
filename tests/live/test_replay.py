"""A recording as a source of answers: over HTTP, in verify, in pytest's suite, and for a client's own requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from plugin.conftest import run_here

from live.conftest import Live
from live.standin import ACCOUNT, StandIn, whole_plan
from live.test_live_run import verdicts
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.har_writer import HarWriter
from ni_contract.recordings.replay import Replay, load_replay
from ni_contract.simulator import RunningSimulator, Settings

EXAMPLES = Credentials()
RIGHT = f"api_key={EXAMPLES.api_key}&api_secret={EXAMPLES.api_secret}"
URL = "https://api.nexmo.com/ni/basic/json"
MARK = "ni-contract-replay"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a full live run, with its report beside it."""
    from ni_contract.cli import main

    folder = tmp_path_factory.mktemp("recorded")
    secrets = ["--api-key", ACCOUNT.api_key, "--api-secret", ACCOUNT.api_secret]
    with StandIn() as stand_in:
        files = ["--record", str(folder / "live.har"), "--report", str(folder / "live.json")]
        main(["live", "--live", *stand_in.flags, *files, *secrets, "--signature-secret", ACCOUNT.signature_secret])
    return folder / "live.har"


@pytest.fixture(autouse=True)
def _nobodys_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET"):
        monkeypatch.delenv(name)


def test_served_replay_gets_live_verdicts(recording: Path, command: Live) -> None:
    """A replay, served over HTTP and verified, gets the verdicts of the live run."""
    with RunningSimulator(Settings(replay=load_replay(recording))) as served:
        for report in ("first.json", "second.json"):
            code, out, _ = command("verify", served.url, "--edition", "observed", "--report", report)
            assert code == 0
            assert verdicts(report) == verdicts(recording.with_suffix(".json"))
    assert "untested, the recording has no exchange that exercises it" in out


def test_replay_in_suite_gets_live_verdicts(recording: Path, pytester: pytest.Pytester) -> None:
    arguments = ["--pyargs", "ni_contract.suite", "--ni-target", str(recording), "--ni-report", "report.json"]
    result = run_here(pytester, "-q", "--ni-edition", "observed", *arguments)
    assert set(result.parseoutcomes()) == {"passed", "skipped"}
    assert verdicts(pytester.path / "report.json") == verdicts(recording.with_suffix(".json"))


def test_another_account_may_replay_it(recording: Path, command: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NI_API_KEY", "another-key")
    monkeypatch.setenv("NI_API_SECRET", "another-secret")
    command("verify", str(recording), "--report", "report.json")
    found = verdicts("report.json")["observed"]
    assert found["NIB-AUT-001"] == found["NIB-AUT-002"] == found["NIB-AUT-007"] == "pass"


def test_unrecorded_request_gets_404(recording: Path) -> None:
    """A request that was not recorded gets 404 with a sentence."""
    with RunningSimulator(Settings(replay=load_replay(recording))) as served:
        answer = httpx2.get(f"{served.url}/json?number=33123456789&{RIGHT}", trust_env=False)
    assert (answer.status_code, answer.headers[MARK]) == (404, "nothing")
    assert answer.text == "The recording that is replayed here holds no such request.\n"


def test_wrong_credentials_get_recorded_refusal(recording: Path) -> None:
    """Wrong credentials get the answer recorded for wrong credentials."""
    replay = load_replay(recording)
    for query, status in ((RIGHT, 0), (RIGHT.replace("12ab34cd", "not-the-secret"), None)):
        found = replay.answer(Request("GET", f"{URL}?number=441632960960&{query}"), EXAMPLES, 0)
        assert (found and json.loads(found.answer.body)["status"]) == status


def test_similar_request_is_answered_and_marked(recording: Path) -> None:
    """A request for the same in another form is answered and marked."""
    replay = load_replay(recording)
    other = Request("GET", f"{URL}?{RIGHT}&number=441632960960&page_index=1", (("accept", "application/json"),))
    found = replay.answer(other, EXAMPLES, 0)
    assert found is not None
    assert (found.exact, found.mark) == (False, f"{found.number} similar")


def test_repeated_request_gets_answers_in_turn() -> None:
    request = Request("GET", f"{URL}?number=1&{RIGHT}")
    replay = Replay([Exchange(request, Answer(200, (), body)) for body in (b"one", b"two")])
    answers = [replay.answer(request, EXAMPLES, 0) for _ in range(3)]
    assert [found and found.answer.body for found in answers] == [b"one", b"two", b"one"]


def test_foreign_recording_ignores_credentials() -> None:
    """A recording of another account answers whatever the credentials."""
    recorded = Exchange(Request("GET", f"{URL}?number=1&api_key=***&api_secret=***"), Answer(200, (), b"x"))
    found = Replay([recorded]).answer(Request("GET", f"{URL}?api_key=a&number=1&api_secret=b"), EXAMPLES, 0)
    assert found is not None
    assert found.exact


def test_other_exchanges_are_not_replayed(tmp_path: Path) -> None:
    """Gateways' answers, failures, and paths of other hosts are not replayed."""
    writer = HarWriter(tmp_path / "other.har")
    writer.add(Exchange(Request("GET", URL), Answer(502, (), b"<html>")), 0)
    writer.add(Exchange(Request("GET", "https://example.com/"), Answer(200, (), b"x")), 0)
    with pytest.raises(UsageError, match="none of its 2 exchanges is an answer of the API"):
        load_replay(tmp_path / "other.har")


@pytest.mark.parametrize("text", ["", "{", '{"log": {"entries": []}}', "no recording at all"])
def test_other_file_is_refused(tmp_path: Path, command: Live, text: str) -> None:
    (tmp_path / "x.har").write_text(text)
    for arguments in (["verify", "x.har"], ["serve", "--replay", "x.har"]):
        code, _, err = command(*arguments)
        assert (code, "nothing in x.har can be replayed" in err) == (2, True)


def test_limits_and_replay_are_exclusive(recording: Path, command: Live) -> None:
    code, _, err = command("serve", "--replay", str(recording), "--quota", "1")
    assert (code, "--rate and --quota have no effect there" in err) == (2, True)


def test_impossible_headers_are_left_out() -> None:
    """Recorded headers that no server could have sent are left out."""
    request = Request("GET", f"{URL}?number=1")
    bad = (("x\r\ny", "1"), ("x-z", "1\r\nset-cookie: a"), ("x-\u20ac", "1"), ("content-type", "application/json"))
    with RunningSimulator(Settings(replay=Replay([Exchange(request, Answer(200, bad, b"{}"))]))) as served:
        answer = httpx2.get(f"{served.url}/json?number=1", trust_env=False)
    assert {name for name in answer.headers if name.startswith(("x", "set"))} == set()
    assert answer.headers["content-type"] == "application/json"


def test_serve_says_what_it_replays(recording: Path) -> None:
    code = "import sys; from ni_contract.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "serve", "--replay", str(recording)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        shown = [process.stdout.readline() for _ in range(7)]
        process.terminate()
    assert (
        shown[1] == f"replaying the {whole_plan()} exchanges in {recording}, credentials from the published examples\n"
    )
    assert "anything else gets HTTP 404" in "".join(shown)


def test_audit_finds_no_secret(recording: Path, command: Live) -> None:
    """audit reads the recording and finds no secret in it."""
    command("audit", str(recording), "--report", "audit.json")
    document = json.loads(Path("audit.json").read_text("utf-8"))
    found = {clause["id"]: clause for clause in document["editions"]["observed"]["clauses"]}
    secrets = [clause for clause_id, clause in found.items() if clause_id.startswith("NIB-SEC")]
    assert {(clause["verdict"], clause["exercised"]) for clause in secrets} == {("pass", whole_plan())}
    providers = {i: clause["verdict"] for i, clause in found.items() if i[4:7] in ("NUM", "RES", "ERR", "XML")}
    live = verdicts(recording.with_suffix(".json"))["observed"]
    assert providers == {i: word for i, word in live.items() if i[4:7] in ("NUM", "RES", "ERR", "XML")}
