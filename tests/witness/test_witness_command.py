"""`witness`: a right client passes, a broken one fails by its clause, and the exit code shows which."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from client_commands import RIGHT
from mutants.witnessed import ANSWERED
from witness.conftest import Commands

from ni_contract.contract.spec_files import read_spec
from ni_contract.runs.witness import ClientPlan

OPTIMIST = RIGHT.replace('if answer["status"] == 0 and "country_code" in answer', 'if answer["status"] in (0, 9)')
SMALL = RIGHT.replace('params["country"] = asked["country"]', 'params["country"] = asked["country"].lower()')
DEVIATION = '[[deviation]]\nclause = "NIB-CLI-007"\ntarget = "*client.py"\nreason = "until the rewrite"\n'


def failing(report: dict[str, Any], edition: str = "documented") -> list[str]:
    return [c["id"] for c in report["editions"][edition]["clauses"] if c["verdict"] == "fail"]


def test_right_client_passes_both_editions(patient: Commands) -> None:
    code, report = patient.report("--", *patient.python())
    assert (code, failing(report), failing(report, "observed")) == (0, [], [])
    assert (report["command"], report["error"], report["result"]) == ("witness", None, "conformant")
    assert report["features"]["found"] == ["country", "json"]
    assert report["requests"] > 50


def test_broken_client_fails_in_reports(commands: Commands) -> None:
    """A broken client fails with its request and outcome in every kind of report."""
    files = [str(commands.folder / f"report.{ending}") for ending in ("json", "md", "xml")]
    reports = [word for file in files for word in ("--report", file)]
    code, out = commands.witness(*reports, "--", *commands.python(OPTIMIST))
    block = out[out.index("NIB-CLI-027") :]
    assert code == 1
    assert "request   GET /ni/basic/json  number=+44 7700 9001" in block
    assert 'answer    HTTP 200  application/json  {"status": 9, "error_text": "Partner quota exceeded' in block
    assert "reported  a success: status 9" in block
    assert "repeat    ni-contract witness --only NIB-CLI-027 --timeout 60.0 -- " in block
    assert "curl" not in block
    report = json.loads(Path(files[0]).read_text("utf-8"))
    jsonschema.validate(report, json.loads(read_spec("report.schema.json")))
    assert failing(report) == failing(report, "observed") == ["NIB-CLI-027"]
    assert "NIB-CLI-027" in Path(files[1]).read_text("utf-8")
    assert "<failure message=" in Path(files[2]).read_text("utf-8")


def test_a_declared_deviation_is_accepted(commands: Commands) -> None:
    (commands.folder / "known.toml").write_text(DEVIATION)
    code, out = commands.witness("--deviations", str(commands.folder / "known.toml"), "--", *commands.python(SMALL))
    assert (code, "deviates: NIB-CLI-007" in out) == (0, True)


def test_a_stale_deviation_fails(commands: Commands) -> None:
    (commands.folder / "known.toml").write_text(DEVIATION)
    code, out = commands.witness("--deviations", str(commands.folder / "known.toml"), "--", *commands.python())
    assert (code, "stale: NIB-CLI-007" in out) == (1, True)


def test_edition_can_be_selected(commands: Commands) -> None:
    command = commands.python(RIGHT.replace('"number": asked["number"]', '"number": asked["number"].replace("9", "W")'))
    only = ("--only", "NIB-CLI-050", "--only", "NIB-CLI-009")
    code, report = commands.report("--edition", "observed", *only, "--", *command)
    assert (code, failing(report, "documented"), failing(report, "observed")) == (0, ["NIB-CLI-050"], [])
    assert [len(edition["clauses"]) for edition in report["editions"].values()] == [2, 1]


def test_countryless_client_is_reported(commands: Commands) -> None:
    without = RIGHT.replace('if asked["country"]:', "if False:")
    code, out = commands.witness("--features", "no-country", "--", *commands.python(without))
    assert (code, "not offered, country is not claimed: NIB-CLI-007, NIB-CLI-017" in out) == (0, True)


def test_crashing_client_restarts_and_fails(commands: Commands) -> None:
    """A client that crashes at an answer is started again, and fails for that answer."""
    crashing = RIGHT.replace("# here", 'if answer["status"] == 999:\n        os._exit(9)')
    code, report = commands.report("--", *commands.python(crashing))
    assert (code, failing(report)) == (1, ["NIB-CLI-028"])
    (clause,) = [c for c in report["editions"]["documented"]["clauses"] if c["verdict"] == "fail"]
    assert clause["failures"][0]["actual"] == "nothing: the command ended with exit code 9"


def test_client_may_start_each_lookup(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client can be started for each lookup; a few of them are enough to see it."""
    monkeypatch.setattr("ni_contract.commands.witness.ClientPlan", partial(ClientPlan, cases=ANSWERED[::8]))
    alone = RIGHT.replace("for line in sys.stdin:", "for line in sys.argv[-1:]:")
    code, report = commands.report("--per-lookup", "--", *commands.python(alone))
    assert (code, failing(report)) == (0, [])


def test_own_credentials_stay_hidden(commands: Commands) -> None:
    """Credentials of its own reach the client and no output."""
    noisy = RIGHT.replace("for line in sys.stdin:", "for line in sys.stdin:\n    print(os.environ['NI_API_SECRET'])")
    code, out = commands.witness(
        "--api-secret", "s3cr3t+/&=x", "--api-key", "k3y-of-mine", "--", *commands.python(noisy)
    )
    assert (code, "NIB-CLI-058" in out) == (1, True)
    assert "lines beside its outcomes, first '***'" in out
    assert "s3cr3t" not in out


def test_secret_across_cut_is_masked(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that crosses the end of the shown output is masked as a whole."""
    # Few lookups, for the client is started again after each crash.
    monkeypatch.setattr("ni_contract.commands.witness.ClientPlan", partial(ClientPlan, cases=ANSWERED[::5]))
    long = "'x' * 112 + os.environ['NI_API_SECRET']"
    noisy = RIGHT.replace("for line in sys.stdin:", f"print({long}, flush=True)\nfor line in sys.stdin:")
    crashing = noisy.replace("# here", f"sys.stderr.write({long} + '\\n' + 'y' * 1995); os._exit(3)")
    code, out = commands.witness("--api-secret", "s3cr3t+/&=x", "--", *commands.python(crashing))
    assert code == 1
    assert "first 'xxx" in out
    assert "yyy" in out
    assert "s3cr3" not in out
    assert "/&=x" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is no client to judge"),
        (("--",), "there is no client to judge"),
        (("--only", "NIB-RES-*", "--", "true"), "matches no clause of a client"),
        (("--features", "throttle=5", "--", "true"), "a client has no feature 'throttle=5'"),
        (("--report", "x.pdf", "--", "true"), "the ending chooses the format"),
        (("--", "no-such-command-of-ours"), "cannot start 'no-such-command-of-ours'"),
    ],
)
def test_unusable_input_fails_early(commands: Commands, arguments: Any, words: str) -> None:
    """Input that cannot be used is reported before anything is judged."""
    code, out = commands.witness(*arguments)
    assert (code, words in out) == (2, True)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise SystemExit(7)", "the command ended with exit code 7"),
        ("import sys; sys.exit('gone: api_secret=12ab34cd')", "its last words:\ngone: api_secret=***"),
        ("print('hello')", "printed 3 lines beside its outcomes, first 'hello'"),
        ("import sys; sys.stdout.write('x' * 9_000_000)", "the command floods its output"),
        ("while True: print('y')", "the command floods its output"),
        ("import sys\nfor line in sys.stdin: print(line, flush=True)", "has no ok that is true or false"),
    ],
)
def test_other_command_is_reported(commands: Commands, source: Any, words: str) -> None:
    code, out = commands.witness("--", *commands.python(source))
    assert (code, words in out, "documented  error  (this edition sets the exit code)" in out) == (3, True, True)
