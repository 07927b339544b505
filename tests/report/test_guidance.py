"""Help, suggestions for typos, `explain` by area and words, completion, deviations to fill in, `live --plan`."""

from __future__ import annotations

import os
import shlex
import tomllib
from datetime import date
from pathlib import Path

import pytest
from fakes import closed_port
from mutants.providers import PROVIDERS
from test_cli import run
from test_reports import run_of

from ni_contract.commands.finish import expired
from ni_contract.commands.parser import COMMANDS
from ni_contract.contract.catalogue import load_catalogue
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import EXAMPLE_KEY
from ni_contract.judge.deviations import read_deviations
from ni_contract.judge.verdicts import FAIL
from ni_contract.report.write import deviations_text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_codes_examples_docs(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert "exit codes:\n  0 " in out
    assert out.count(f"\n  ni-contract {command}") == 2
    page = Path(__file__).parents[2] / COMMANDS[command]["page"]
    assert f"documentation: {COMMANDS[command]['page']}" in out
    assert page.is_file()


def test_defaults_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    out = " ".join(run(capsys, "verify", "--help")[1].split())
    assert "requests drawn on top (default: 150" in out
    assert "(default: None)" not in out
    assert "(default: [])" not in out


@pytest.mark.parametrize(
    ("arguments", "guess"),
    [
        (["verfy"], "did you mean verify?"),
        (["verify", "--reprot=x.json"], "did you mean --report?"),
        (["verify", "--features", "no-xlm"], "did you mean xml?"),
        (["verify", "--only", "NIB-RSE-004"], "did you mean NIB-RES-004?"),
        (["explain", "NIB-RES-04"], "did you mean NIB-RES-0"),
        (["explain", "NIB-RSE-004"], "did you mean NIB-RES-004?"),
        (["audit", "x.har", "--fail-on", "secrts"], "did you mean secrets?"),
        (["witness", "--features", "no-countri", "--", "x"], "did you mean country?"),
        (["stubs", "--as", "wiremok", "--out", "x"], "did you mean wiremock?"),
        (["completion", "bsh"], "did you mean bash?"),
        (["spec", "opnapi.yaml"], "did you mean openapi.yaml?"),
    ],
)
def test_a_typo_is_guessed_at(capsys: pytest.CaptureFixture[str], arguments: list[str], guess: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert guess in err


@pytest.mark.parametrize("area", ["NIB-RES", "res", "NIB-RES-", "NIB-RES-*"])
def test_explain_lists_an_area(capsys: pytest.CaptureFixture[str], area: str) -> None:
    _, out, _ = run(capsys, "explain", area)
    expected = [clause.id for clause in load_catalogue() if clause.id.startswith("NIB-RES-")]
    assert [line.split()[0] for line in out.splitlines()] == expected


def test_explain_finds_by_words(capsys: pytest.CaptureFixture[str]) -> None:
    found = [line.split()[0] for line in run(capsys, "explain", "40", "characters")[1].splitlines()]
    assert "NIB-RES-004" in found
    assert len(found) < 10
    code, _, err = run(capsys, "explain", "flying", "saucers")
    assert code == 2
    assert "'flying saucers'" in err


@pytest.mark.parametrize(("shell", "sign"), [("bash", "complete "), ("zsh", "#compdef"), ("fish", "complete -c")])
def test_completion_knows_commands_and_flags(capsys: pytest.CaptureFixture[str], shell: str, sign: str) -> None:
    pytest.importorskip("shtab")
    code, out, _ = run(capsys, "completion", shell)
    assert code == 0
    assert sign in out
    assert all(command in out for command in COMMANDS)
    assert "explore" in out


def test_written_deviations_wait_for_reasons(tmp_path: Path) -> None:
    failing = run_of(PROVIDERS["NIB-RES-004"])
    file = tmp_path / "known.toml"
    file.write_text(deviations_text(failing, "observed"))
    declared = tomllib.loads(file.read_text())["deviation"]
    wanted = {verdict.clause.id for verdict in failing.verdicts["observed"] if verdict.word == FAIL}
    assert {entry["clause"] for entry in declared} == wanted
    with pytest.raises(UsageError, match="has no reason"):
        read_deviations(file)
    file.write_text(file.read_text().replace('reason = ""', 'reason = "of old"'))
    assert {one.clause for one in read_deviations(file)} == wanted


def test_written_deviations_replace_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text("# mine")
    target = f"http://127.0.0.1:{closed_port()}"
    code, _, err = run(capsys, "verify", target, "--write-deviations", str(file))
    assert code == 2
    assert "is there already" in err
    assert file.read_text() == "# mine"


def test_a_passed_until_is_said(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    entry = '[[deviation]]\nclause = "NIB-RES-00{}"\nreason = "of old"\nuntil = 2026-11-{}\n'
    file.write_text(entry.format(4, 20) + entry.format(5, 30))
    (said,) = expired([str(file)], date(2026, 11, 25))
    assert "NIB-RES-004" in said
    assert "2026-11-20" in said


def test_plan_is_printed_with_0(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NI_API_KEY", "NI_API_SECRET", "NI_SIGNATURE_SECRET"):
        monkeypatch.delenv(name, raising=False)
    code, out, err = run(capsys, "live", "--plan")
    assert (code, err) == (0, "")
    assert out.startswith("plan: ")
    code, _, err = run(capsys, "live")
    assert code == 2
    assert "--plan" in err
    assert "--live" in err


def test_mended_cause_passes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cause that a failing run names passes once it is mended."""
    wrong = ["--api-key", "k3y-of-mine"]
    _, out, _ = run(capsys, "verify", "ni_contract.simulator:app", "--explore", "0", *wrong)
    last = out.split("\n\n")[-1].splitlines()
    assert last[0].endswith("the first 3:") or last[0].endswith("exit code:")
    named = last[1].split()[0]
    again = shlex.split(next(line for line in last if line.startswith("  again")))[1:]
    # As a shell does, where the variable has the right key.
    monkeypatch.setenv("NI_API_KEY", EXAMPLE_KEY)
    code, out, _ = run(capsys, *map(os.path.expandvars, again[1:]))
    assert code == 0
    assert named not in out


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("arguments", [["explain", "NIB-REL-014"], ["explain", "NIB-RES"], ["live", "--plan"]])
def test_pages_keep_to_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], width: int
) -> None:
    """A line is longer only where a single word is."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(capsys, *arguments)[1].splitlines()
    assert len(lines) > 5
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)
