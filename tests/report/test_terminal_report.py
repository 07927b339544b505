"""The report on a terminal: its last lines, and its layout at 40, 80 and 120 columns, with and without colour."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from ni_contract.contract.catalogue import Clause
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.finding import Finding
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.judge import Violation
from ni_contract.judge.root_causes import RootCause
from ni_contract.judge.verdicts import DEVIATES, FAIL, PASS, UNCLAIMED, UNTESTED, WARN, Verdict
from ni_contract.report.failure import failure_text
from ni_contract.report.paint import print_report, wants_color
from ni_contract.report.terminal import terminal_report
from ni_contract.runs.run import Run

BOTH = ("documented", "observed")
URL = "http://127.0.0.1:8080/ni/basic"
BODY = b'{"status":"0","status_message":"Success","request_id":"\\u001b[31m"}'


def clause(clause_id: str, title: str, level: str = "MUST") -> Clause:
    return Clause(clause_id, title, level, "provider", "answer", "documented", BOTH, "Response, JSON example")


EXCHANGE = Exchange(
    Request("GET", f"{URL}/json?number=441632960960&api_key=n3xm0rocks&api_secret=12ab34cd"),
    Answer(200, (("content-type", "application/json"),), BODY),
    "vector reference-json",
)


def broken(found: Clause, word: str = FAIL, failed: int = 3, reason: str = "") -> Verdict:
    judged = Violation(found.id, EXCHANGE, Finding("$.status", "a JSON integer, never a string", "'0'"))
    return Verdict(found, word, 12, failed, (judged,), reason)


STATUS = clause("NIB-RES-005", "status is a JSON integer and never a string, whatever the answer otherwise says")
VERDICTS = (
    Verdict(clause("NIB-REQ-001", "a GET is answered"), PASS, 12),
    broken(STATUS),
    broken(clause("NIB-RES-010", "the number is in international format")),
    broken(clause("NIB-RES-018", "there are no other keys", "SHOULD"), WARN),
    Verdict(clause("NIB-ERR-003", "a refusal has a text"), UNTESTED, reason="no exchange checked it"),
    broken(clause("NIB-ERR-004", "a refusal has no error_text"), DEVIATES, 2, "until the migration"),
    broken(clause("NIB-REL-001", "JSON and XML say the same")),
    broken(clause("NIB-REL-002", "GET and POST say the same")),
    Verdict(clause("NIB-REL-010", "a burst is throttled"), UNCLAIMED, reason="no rate is declared"),
)


@pytest.fixture
def failing() -> Run:
    passing = tuple(Verdict(verdict.clause, PASS, 12) for verdict in VERDICTS)
    return Run(
        URL,
        Credentials(),
        {"documented": VERDICTS, "observed": passing},
        {"documented": "nonconformant", "observed": "conformant"},
        base_url=URL,
        reachable=True,
        requests=527,
        seconds=2.04,
        repeat=f"ni-contract verify {URL} --only {{}}".format,
        causes={"documented": (RootCause("NIB-RES-005", ("NIB-REL-001",), 3, 12),)},
    )


def shown(run: Run, edition: str = "documented", width: int = 0, *reports: str) -> str:
    text = terminal_report(run, edition, width, reports)
    return re.sub(r"judged by .*?(?=\n\d+ requests)", "judged by …", text, count=1, flags=re.DOTALL)


@pytest.mark.parametrize("width", [0, 40, 80, 120])
def test_layout(failing: Run, width: int, snapshot: SnapshotAssertion) -> None:
    assert shown(failing, "documented", width, "report.html") == snapshot


@pytest.mark.parametrize("width", [40, 80])
def test_no_word_is_broken(failing: Run, width: int) -> None:
    whole = set(terminal_report(failing, "documented").split())
    assert set(terminal_report(failing, "documented", width).split()) - whole <= {"(MUST", "documented)"}


def test_colour(failing: Run, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    print_report(shown(failing, "documented", 80), "always")
    painted = capsys.readouterr().out
    assert painted == snapshot
    print_report(shown(failing, "documented", 80), "never")
    assert capsys.readouterr().out == re.sub(r"\x1b\[\d+m", "", painted)


@pytest.mark.parametrize(
    ("choice", "environment", "wanted"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "0"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_wants_colour(
    choice: str,
    environment: dict[str, str],
    wanted: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import sys

    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, sys.stdout) is wanted


def test_the_last_lines_say_it_all(failing: Run) -> None:
    last = shown(failing, "documented", 0, "report.html").split("\n\n")[-1].splitlines()
    assert last[0] == "4 of 9 clauses fail in the documented edition, which sets the exit code; the first 3:"
    assert [line.split()[0] for line in last[1:4]] == ["NIB-RES-005", "NIB-REL-001", "NIB-RES-010"]
    assert last[4] == "1 warning, without effect on the exit code:"
    assert last[6] == "  report    report.html"
    assert last[7].startswith("  next      mend NIB-RES-005")
    assert last[8:10] == ["  expected  $.status: a JSON integer, never a string", "  actual    '0'"]
    assert last[10] == f"  again     ni-contract verify {URL} --only NIB-RES-005"


def test_the_chosen_edition_stands_first(failing: Run) -> None:
    text = shown(failing, "observed")
    assert text.index("observed    conformant  (this edition sets the exit code)") < text.index("documented  nonconf")
    assert re.search(r"^ +observed +documented$", text, re.MULTILINE)
    assert text.splitlines()[-1].startswith("9 of 9 clauses pass in the observed edition")


def test_an_unreachable_target_is_one_sentence(failing: Run) -> None:
    untested = {name: tuple(Verdict(v.clause, UNTESTED, reason="nothing") for v in VERDICTS) for name in BOTH}
    run = replace(failing, verdicts=untested, results=dict.fromkeys(BOTH, "error"), error="nobody answers", causes={})
    text = shown(run)
    assert "NIB-" not in text
    assert text.splitlines()[-1] == "error: nobody answers"


@pytest.mark.parametrize(
    ("sent", "beside", "lines"),
    [
        ("44;1", "44%3B1", ["number=44;1&api_key=***", "number=44%3B1&api_key=***"]),
        ("44;1", "44", ["number=44;1 api_key=***", "number=44 api_key=***"]),
        ("44%3B1", "44%3B1", ["number=44;1 api_key=***", "number=44;1 api_key=***"]),
    ],
)
@pytest.mark.parametrize("role", ["control", "other"])
def test_requests_are_shown_with_what_differs(
    failing: Run, sent: str, beside: str, lines: list[str], role: str
) -> None:
    """Where requests differ in their encoding alone, both are shown as they were sent."""
    first, second = (
        Exchange(Request("GET", f"{URL}/json?number={number}&api_key=n3xm0rocks"), EXCHANGE.answer)
        for number in (sent, beside)
    )
    control, other = (second, None) if role == "control" else (None, second)
    found = Violation(STATUS.id, first, Finding("$.status", "3", "0"), control=control, other=other)
    verdict = replace(broken(STATUS), failures=(found,))
    text = failure_text(failing, verdict)
    assert re.findall(r"(?:request|control|compared) +GET /ni/basic/json  (\S+(?: api_key\S+)?)", text) == lines
