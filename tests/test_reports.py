"""Reports: their content, their formats, and no secret in any of them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jsonschema
import pytest
from fakes import FunctionTarget
from mutants import verified
from mutants.providers import PROVIDERS
from mutants.tools import Mutant
from thoroughness import ask_few_regions

from ni_contract.contract.catalogue import load_catalogue
from ni_contract.contract.features import CLAIMABLE, Claims
from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.values import Answer, Failure, Request
from ni_contract.judge.deviations import Deviation
from ni_contract.report.terminal import terminal_report
from ni_contract.report.write import FORMATS, check_report_files, report_text, write_reports
from ni_contract.runs.run import Run
from ni_contract.runs.session import VerifyPlan
from ni_contract.runs.verify import verify

NOW = 1_795_427_367.0
SECRETS = ("k3y-of-mine", "s3cr3t+/&=x", "sign!ture-secret")


def run_of(mutant: Mutant, deviations: tuple[Deviation, ...] = (), examples: int = 0) -> Run:
    claims = Claims(frozenset(CLAIMABLE), throttle=5)
    return verified.run_of(mutant, verified.plan(claims, deviations=deviations, examples=examples))


@pytest.fixture(scope="module", autouse=True)
def few_regions() -> Iterator[None]:
    """Every tenth number is enough for a report."""
    with pytest.MonkeyPatch.context() as patch:
        ask_few_regions(patch)
        yield


@pytest.fixture(scope="module")
def long_ids() -> Run:
    return run_of(PROVIDERS["NIB-RES-004"])


@pytest.fixture(scope="module")
def found_run() -> Run:
    """A run whose failure was found by a drawn request."""
    return run_of(PROVIDERS["NIB-REL-001"], (), 30)


@pytest.fixture(scope="module")
def echo_run() -> Run:
    return run_of_echo()


def run_of_echo() -> Run:
    """A run of a provider that sends everything back, secrets included, in every place, and nothing to a HEAD."""
    account = Credentials(*SECRETS)

    def send(request: Request) -> Answer | Failure:
        if request.method == "HEAD":
            return Failure("reset", f"no answer to {request.url}")
        everything = f"{request.url} {request.body.decode('utf-8', 'replace')} {request.headers} {SECRETS}"
        body = json.dumps({"status": 0, **dict.fromkeys(("status_message", "request_id", "country_name"), everything)})
        return Answer(200, (("content-type", everything), ("x-echo", everything)), body.encode())

    return verify(FunctionTarget(send), everything_of(account, examples=5))


def everything_of(account: Credentials, examples: int = 0) -> VerifyPlan:
    return VerifyPlan(account, Claims(frozenset(CLAIMABLE)), load_catalogue().select("provider"), examples=examples)


def test_failure_text_follows_design(long_ids: Run) -> None:
    text = terminal_report(long_ids, "documented")
    block = text[text.index("NIB-RES-004 ") :].splitlines()
    assert re.fullmatch(r"NIB-RES-004 request_id has 1 to 40 characters +MUST · documented", block[0])
    names = [line.split()[0] for line in block[1:9]]
    assert names == ["request", "at", "expected", "actual", "source", "repeat", "curl", "accept"]
    assert "number=02079460018 api_key=*** api_secret=***" in block[1] or "api_key=*** api_secret=***" in block[1]
    assert block[2].endswith("$.request_id")
    assert block[3].endswith("a string of 1 to 40 characters")
    assert block[4].endswith("(41 characters)")
    assert block[5].endswith("Number Insight Basic, Keys and Values, request_id")
    assert block[8].endswith('[[deviation]] clause = "NIB-RES-004", reason = "why"')


def test_table_has_areas_and_editions(long_ids: Run) -> None:
    """The table has a line for each area and the results of both editions."""
    text = terminal_report(long_ids, "documented")
    for area in ("REQ", "AUT", "NUM", "RES", "ERR", "XML", "REL"):
        assert re.search(rf"^{area}  .*\d+ pass", text, re.MULTILINE)
    assert re.search(r"^documented  nonconformant  \(this edition sets the exit code\)$", text, re.MULTILINE)
    assert re.search(r"^observed    nonconformant$", text, re.MULTILINE)
    assert re.search(r"^\d+ requests, [\d.]+ s$", text, re.MULTILINE)


def test_other_editions_failures_are_named(long_ids: Run) -> None:
    """Failures of the other edition are named but not shown in full."""
    text = terminal_report(long_ids, "documented")
    assert not re.search(r"^NIB-ERR-004", text, re.MULTILINE)
    assert re.search(r"^failing only as observed: .*NIB-ERR-004", text, re.MULTILINE)


@pytest.mark.slow
def test_json_report_follows_schema(echo_run: Run, found_run: Run) -> None:
    schema = json.loads(read_spec("report.schema.json"))
    validator = jsonschema.Draft202012Validator(schema)
    declared = (Deviation("NIB-RES-004", "long ids"), Deviation("NIB-RES-009", "none"))
    for run in (run_of(PROVIDERS["NIB-RES-004"], declared), found_run, echo_run):
        document = json.loads(FORMATS[".json"](run, "documented"))
        assert list(validator.iter_errors(document)) == []
        assert document["result"] == run.results["documented"]
    assert '"failure"' in FORMATS[".json"](echo_run, "documented")


def test_failed_run_reports_its_reason() -> None:
    target = FunctionTarget(lambda request: Failure("refused", "nothing listens there"))
    run = verify(target, everything_of(Credentials()))
    for make in (make for ending, make in FORMATS.items() if ending not in (".svg", ".shields.json")):
        assert "nothing listens there" in make(run, "documented")
    assert "nothing listens there" in terminal_report(run, "documented")
    assert json.loads(FORMATS[".json"](run, "documented"))["result"] == "error"


def test_junit_has_case_for_each_clause(long_ids: Run) -> None:
    suite = ET.fromstring(FORMATS[".xml"](long_ids, "documented"))[0]  # noqa: S314  our own document
    assert len(suite.findall("testcase")) == int(suite.attrib["tests"]) == len(long_ids.verdicts["documented"])
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == 1
    assert "41 characters" in (suite.findtext("testcase/failure") or "")


def test_a_markdown_report_lists_every_clause(long_ids: Run) -> None:
    text = FORMATS[".md"](long_ids, "documented")
    for verdict in long_ids.verdicts["documented"]:
        assert f"| {verdict.clause.id} | {verdict.clause.level} | {verdict.word}" in text
    assert "41 characters" in text


def test_reports_mask_echoed_secrets(echo_run: Run) -> None:
    """No secret is in any report, even when the provider sends it back."""
    reports = (make(echo_run, "documented") for make in FORMATS.values())
    texts = [terminal_report(echo_run, "observed"), *reports, repr(echo_run)]
    for text in texts:
        for secret in (*SECRETS, "s3cr3t%2B%2F%26%3Dx", Credentials(*SECRETS).basic_token()):
            assert secret not in text


@pytest.mark.slow
@pytest.mark.parametrize("secret", ["bxck\\slxsh", "ключ-секрет", "q'u\"o\\te$x", "p@ss w0rd+&=%"])
def test_reports_mask_odd_secrets(secret: str) -> None:
    """No odd secret is in any report of a provider that keeps it."""
    account = Credentials("k3y-of-mine", secret, "sign!ture-secret")
    body = json.dumps({"status": 0, "request_id": ""}).encode()
    target = FunctionTarget(lambda request: Answer(200, (("content-type", "application/json"),), body))
    run = verify(target, everything_of(account))
    # The words of a secret, which no escaping changes, or else its first letters as JSON has them.
    telling = [*re.findall(r"[a-z0-9]{4,}", secret.replace("te$", "te")), json.dumps(secret)[1:10].strip("\\")]
    for text in (terminal_report(run, "observed"), *(make(run, "documented") for make in FORMATS.values())):
        assert [piece for piece in telling if piece in text] == []


def test_found_vectors_keep_their_placeholders(found_run: Run) -> None:
    found = json.loads(FORMATS[".json"](found_run, "documented"))["found_vectors"]
    assert [row["request"] for row in found] == [discovery.fields for discovery in found_run.discoveries]


def test_control_characters_keep_junit_valid() -> None:
    """Control characters of a provider do not break the JUnit report."""
    body = json.dumps({"status": 0, "status_message": "\x00\x1b[31m", "request_id": "\x07"}).encode()
    target = FunctionTarget(lambda request: Answer(200, (("content-type", "application/json"),), body))
    run = verify(target, everything_of(Credentials()))
    ET.fromstring(FORMATS[".xml"](run, "documented"))  # noqa: S314  our own document
    assert "\x1b" not in terminal_report(run, "documented")


def test_suffix_selects_report_format(tmp_path: Path, long_ids: Run) -> None:
    """Reports are written in the format of their name's suffix."""
    files = [str(tmp_path / f"report{ending}") for ending in FORMATS]
    check_report_files(files)
    write_reports(files, partial(report_text, long_ids, "documented"))
    assert all(Path(file).read_text("utf-8") for file in files)


@pytest.mark.parametrize("name", ["report.pdf", "report", "no-such-folder/report.json"])
def test_unwritable_report_is_refused_early(name: str) -> None:
    """A report that cannot be written is a usage error before the run."""
    with pytest.raises(UsageError, match="--report"):
        check_report_files([name])


def test_cut_text_shows_no_secret() -> None:
    """A secret is not shown in part where a text is cut."""
    secret = "s3cr3t-that-is-long"
    shown = tuple(load_catalogue()[clause_id] for clause_id in ("NIB-RES-004", "NIB-RES-017"))
    for padding in range(200, 260, 7):
        body = json.dumps({"status": 0, "status_message": "x" * padding + secret, "request_id": "r" * padding + secret})
        answer = Answer(200, (("content-type", "application/json"),), body.encode())
        target = FunctionTarget(lambda request, answer=answer: answer)  # type: ignore[misc]
        account = Credentials("key-of-mine", secret, "signature-of-mine")
        run = verify(target, VerifyPlan(account, Claims(frozenset()), shown, examples=0, only=True))
        assert run.causes["documented"]
        for text in (terminal_report(run, "documented"), FORMATS[".json"](run, "documented")):
            assert "s3cr3t" not in text
