"""Drift lists the changes between two recordings or reports, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from live.conftest import Live
from live.standin import Change, Headers, StandIn, whole_plan
from ni_contract.exchanges.values import Answer, Exchange, Request
from ni_contract.recordings.har_writer import HarWriter

pytestmark = pytest.mark.slow

Record = Callable[..., str]


@pytest.fixture
def record(capsys: pytest.CaptureFixture[str]) -> Record:
    """Records a full run against a stand-in; the name of the recording; the report is beside it."""
    from ni_contract.cli import main

    def recorded(name: str, change: Change | None = None, edition: str = "observed", *more: str) -> str:
        with StandIn(change, edition=edition) as stand_in:
            main(["live", "--live", *stand_in.flags, "--record", f"{name}.har", "--report", f"{name}.json", *more])
        capsys.readouterr()
        return f"{name}.har"

    return recorded


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of the unchanged stand-in, and its report."""
    from live.standin import ENVIRONMENT
    from ni_contract.cli import main

    folder = tmp_path_factory.mktemp("base")
    with pytest.MonkeyPatch.context() as environment, StandIn() as stand_in:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        files = ["--record", str(folder / "base.har"), "--report", str(folder / "base.json")]
        main(["live", "--live", *stand_in.flags, *files])
    return folder


@pytest.fixture
def base(kept: Path, tmp_path: Path) -> str:
    """The same, in the folder of the test."""
    for file in kept.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return "base.har"


def replaced(old: bytes, new: bytes) -> Change:
    return lambda _method, _path, headers, body: (headers, body.replace(old, new))


def with_headers(change: Callable[[Headers], Headers]) -> Change:
    return lambda _method, _path, headers, body: (change(headers), body)


def changes(out: str) -> list[str]:
    """The lines between the two sides and the count, without their places."""
    lines = out.partition("\n\n")[2].splitlines()[:-1]
    return [line.partition("  (")[0] if "answers" in line or ".har" in line else line for line in lines]


def test_a_recording_against_itself_is_empty(base: str, command: Live) -> None:
    code, out, _ = command("drift", base, base)
    assert (code, changes(out), out.splitlines()[-1]) == (0, [], "nothing changed")
    assert f"base.har, {whole_plan()} exchanges, fits observed best" in out


def test_same_api_shows_no_drift(base: str, record: Record, command: Live) -> None:
    """Another run against the same API is no drift."""
    assert command("drift", base, record("again"))[0] == 0


CASES = {
    "a key renamed": (
        replaced(b'"country_name"', b'"countryName"'),
        [
            "clause  NIB-RES-014 country_name is a non-empty string  pass -> fail",
            "clause  NIB-RES-018 an answer has no keys beyond the documented ones  pass -> warn",
            "key     $.country_name  went",
            "key     $.countryName  appeared",
        ],
    ),
    "a type": (
        replaced(b'"country_prefix": "44"', b'"country_prefix": 44'),
        [
            "clause  NIB-RES-015 country_prefix is a string of 1 to 3 digits  pass -> fail",
            "type    $.country_prefix  string -> integer",
        ],
    ),
    "a header": (with_headers(lambda headers: [*headers, (b"X-New", b"1")]), ["header  x-new  appeared"]),
    "a label": (
        with_headers(
            lambda headers: [(name, value.replace(b"text/xml", b"application/xml")) for name, value in headers]
        ),
        ["header  content-type  'text/xml' -> 'application/xml'"],
    ),
    "a text": (
        replaced(b"Success", b"Success!"),
        ["text    $.status_message  'Success' -> 'Success!'", "text    /*/error  'Success' -> 'Success!'"],
    ),
    "an XML root": (
        lambda _m, _p, headers, body: (headers, body.replace(b"format>", b"lookup>") if b"<?xml" in body else body),
        ["form    body  XML, root format -> XML, root lookup"],
    ),
    "an XML attribute": (
        replaced(b' country_code_iso3="', b' alpha3="'),
        [
            "clause  NIB-RES-013 country_code_iso3 is three capital letters  pass -> fail",
            "clause  NIB-RES-018 an answer has no keys beyond the documented ones  pass -> warn",
            "key     /*/local_number/@country_code_iso3  went",
            "key     /*/local_number/@alpha3  appeared",
        ],
    ),
    "an element inside another": (
        replaced(b"</local_number>", b"<extra>x</extra></local_number>"),
        [
            "clause  NIB-RES-011 national_format_number is a non-empty string  pass -> fail",
            "key     /*/local_number/extra  appeared",
        ],
    ),
    "the order of keys": (
        lambda _m, p, headers, body: (headers, _turned(body) if p.endswith("json") and body[:1] == b"{" else body),
        None,
    ),
}


def _turned(body: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(body).items()))).encode()


@pytest.mark.parametrize("name", CASES)
def test_single_change_is_the_only_one(name: str, base: str, record: Record, command: Live) -> None:
    """One change is reported, and nothing else."""
    change, expected = CASES[name]
    code, out, _ = command("drift", base, record("new", change))
    assert code == 1
    if expected is not None:
        assert changes(out) == expected
    else:
        assert {line.split()[0] for line in changes(out)} == {"order"}
    back, _, _ = command("drift", "new.har", base)
    assert back == 1


def test_other_edition_is_recognised(base: str, record: Record, command: Live) -> None:
    """A change to the other edition is reported as such."""
    code, out, _ = command("drift", base, record("new", edition="documented"))
    assert code == 1
    assert f"new.har, {whole_plan()} exchanges, fits documented best" in out
    assert "clause  NIB-ERR-001 error_text is a non-empty string for every status but 0 and 1  fail -> pass" in out
    assert "key     $.error_text  appeared" in out
    assert "key     $.status_message  went" in out


def test_reports_are_compared_by_their_verdicts(base: str, record: Record, command: Live) -> None:
    record("new", replaced(b"GBR", b"gbr"))
    expected = ["clause  NIB-RES-013 country_code_iso3 is three capital letters  pass -> fail"]
    code, out, _ = command("drift", "base.json", "new.json")
    # A provider that writes gbr also breaks the clauses that compare with it.
    assert (code, expected[0] in changes(out)) == (1, True)
    assert all(line.startswith("clause") for line in changes(out))
    assert command("drift", "base.json", base)[0] == 0


def test_warnings_are_no_failures(base: str, command: Live) -> None:
    """A side counts as failing the clauses that its report calls failed, without its warnings."""
    report = json.loads(Path("base.json").read_text("utf-8"))
    rows = report["editions"]["documented"]["clauses"]
    for row in rows:
        row["verdict"] = {"fail": "warn"}.get(row["verdict"], row["verdict"])
    Path("warned.json").write_text(json.dumps(report))
    assert any(row["verdict"] == "warn" for row in rows)
    assert "documented: 0 of " in command("drift", "warned.json", "warned.json")[1]


def test_smaller_plan_is_no_change(base: str, record: Record, command: Live) -> None:
    """Requests that a smaller plan left out are not a change of the answers."""
    _, out, _ = command("drift", base, record("new", None, "observed", "--budget", "20"))
    assert "note: " in out
    assert {line.split()[0] for line in changes(out)} == {"clause"}
    assert all(line.endswith("pass -> untested") or "->" in line for line in changes(out))


def test_declared_deviation_is_compared(base: str, record: Record, command: Live) -> None:
    """A declared deviation is compared by the API's behaviour."""
    Path("d.toml").write_text('[[deviation]]\nclause = "NIB-ERR-001"\nreason = "seen"\n')
    record("new", None, "observed", "--deviations", "d.toml")
    assert command("drift", "base.json", "new.json")[0] == 0


def test_missing_answer_is_a_change(tmp_path: Path, command: Live) -> None:
    request = Request("GET", "https://api.nexmo.com/ni/basic/json?number=1")
    for name, answer in (("old", Answer(200, (), b'{"status": 3}')), ("new", Answer(503, (), b"<html>"))):
        HarWriter(tmp_path / f"{name}.har").add(Exchange(request, answer, "", 0), 0)
    code, out, _ = command("drift", "old.har", "new.har")
    assert (code, "answer  to the same request  the API's -> a gateway's (HTTP 503)" in changes(out)) == (1, True)


def test_refused_credentials_are_compared_with_such(tmp_path: Path, command: Live) -> None:
    """Masks hide which secret was right: the order in which both were sent makes no change, another answer does."""
    request = Request("GET", "https://api.nexmo.com/ni/basic/json?number=1&api_key=***&api_secret=***")
    refused, served = (Answer(200, (), b'{"status": %d}' % status) for status in (4, 3))
    for name, answers in (("old", (refused, served)), ("new", (served, refused)), ("worse", (refused, refused))):
        writer = HarWriter(tmp_path / f"{name}.har")
        for answer in answers:
            writer.add(Exchange(request, answer, "", 0), 0)
    assert command("drift", "old.har", "new.har")[0] == 0
    code, out, _ = command("drift", "old.har", "worse.har")
    assert (code, "text    $.status  '3' -> '4'" in changes(out)) == (1, True)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("x.har", "", "neither a report nor a recording to compare: it is empty"),
        ("x.json", "{}", "neither a report nor a recording to compare"),
        ("x.json", '{"tool": "ni-contract", "editions": {}}', "without verdicts in both editions"),
        ("x.har", '{"log": {"entries": []}}', "neither a report nor a recording to compare: it has no entry"),
    ],
)
def test_what_cannot_be_compared_is_refused(base: str, command: Live, name: str, text: str, sentence: str) -> None:
    Path(name).write_text(text)
    code, _, err = command("drift", base, name)
    assert (code, sentence in err) == (2, True)


def test_a_missing_file_is_refused(base: str, command: Live) -> None:
    assert command("drift", base, "missing.har")[0] == 2
