"""What the pytest plugin does once a test uses it: one run a class and target, kept for all its clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ni_contract.catalogue import DOCUMENTED, load_catalogue
from ni_contract.commands.options import environment_credentials
from ni_contract.credentials import Credentials
from ni_contract.deviations import read_deviations
from ni_contract.drivers.find_target import find_target
from ni_contract.drivers.provider import Driver
from ni_contract.drivers.vectors import build_request
from ni_contract.errors import UsageError
from ni_contract.exchange import Exchange
from ni_contract.features import parse_claims
from ni_contract.report.failure import failure_text
from ni_contract.report.write import check_report_files, report_text
from ni_contract.verdicts import DEVIATES, FAIL, STALE, UNCLAIMED, UNTESTED, WARN, Verdict
from ni_contract.verification import DEFAULT_EXAMPLES, Plan, Run, verify

TIMEOUT_SECONDS = 10.0
_RUNS = pytest.StashKey[dict[tuple[object, ...], tuple[str, str, Run]]]()


def check_options(config: pytest.Config) -> None:
    """Raises pytest.UsageError for files and features on the command line that cannot be used."""
    try:
        check_report_files(config.getoption("ni_report"))
        parse_claims(config.getoption("ni_features"), True)
        for file in config.getoption("ni_deviations"):
            read_deviations(file)
    except UsageError as error:
        raise pytest.UsageError(f"ni-contract: {error}") from None


def credentials_from_environment() -> Credentials:
    """The credentials of the environment, else the published examples."""
    return environment_credentials()


def edition_of(config: pytest.Config, wanted: str | None) -> str:
    """The edition that decides: the flag's, else the class's, else documented."""
    return str(config.getoption("ni_edition") or wanted or DOCUMENTED)


def judge_clause(request: pytest.FixtureRequest, clause_id: str, target: Any, account: Credentials) -> None:
    """Ends the calling test as the verdict of *clause_id* says, driving *target* if this is its first clause."""
    __tracebackhide__ = True
    run, edition = _run_of(request, target, account)
    if run.error:
        pytest.fail(run.account.redactor()(run.error), pytrace=False)
    verdict = next(v for v in run.verdicts[edition] if v.clause.id == clause_id)
    _end(request, run, verdict)


def _end(request: pytest.FixtureRequest, run: Run, verdict: Verdict) -> None:
    __tracebackhide__ = True
    redact = run.account.redactor()
    if verdict.word == FAIL:
        pytest.fail(redact(failure_text(run, verdict)), pytrace=False)
    if verdict.word == STALE:
        pytest.fail(redact(f"{verdict.clause.id} {verdict.clause.title}: {verdict.reason}"), pytrace=False)
    if verdict.word == DEVIATES:
        pytest.xfail(redact(verdict.reason))
    if verdict.word in (UNCLAIMED, UNTESTED):
        pytest.skip(f"{verdict.word}: {redact(verdict.reason)}")
    if verdict.word == WARN:
        request.node.user_properties.append(("ni_warning", redact(failure_text(run, verdict))))


def _run_of(request: pytest.FixtureRequest, target: Any, account: Credentials) -> tuple[Run, str]:
    edition = edition_of(request.config, getattr(request.cls, "ni_edition", None))
    runs = request.config.stash.setdefault(_RUNS, {})
    key = (request.cls, _other_parameters(request))
    if key not in runs:
        name = request.cls.__name__
        runs[key] = (name, edition, _drive(request.config, request.cls, target, account))
    return runs[key][2], edition


def _other_parameters(request: pytest.FixtureRequest) -> tuple[tuple[str, int], ...]:
    """Which of its own parameters a parametrized target has this time."""
    callspec = getattr(request.node, "callspec", None)
    indices = {} if callspec is None else callspec.indices
    return tuple(sorted((name, index) for name, index in indices.items() if name != "ni_clause"))


def _drive(config: pytest.Config, cls: type, target: Any, account: Credentials) -> Run:
    __tracebackhide__ = True
    explore = config.getoption("ni_explore")
    try:
        features = config.getoption("ni_features") or getattr(cls, "ni_features", None)
        plan = Plan(
            account=account,
            claims=parse_claims(features, has_signature_secret=False),
            clauses=load_catalogue().select("provider"),
            deviations=tuple(d for file in config.getoption("ni_deviations") for d in read_deviations(file)),
            examples=DEFAULT_EXAMPLES if explore is None else explore,
        )
        found = find_target(target, TIMEOUT_SECONDS, name=cls.__name__)
    except UsageError as error:
        pytest.fail(f"ni-contract: {error}", pytrace=False)
    try:
        return verify(found, plan, deviations_name=cls.__name__)
    finally:
        found.close()


@contextmanager
def exchanges_with(target: Any, account: Credentials) -> Iterator[Callable[..., Exchange]]:
    """A function that sends lookups to *target* with the credentials of *account*."""
    found = find_target(target, TIMEOUT_SECONDS)
    driver = Driver(found, account)

    def send(number: str, country: str | None = None, path: str = "/json") -> Exchange:
        asked = f"number={quote(number, safe='')}" + (f"&country={quote(country)}" if country else "")
        query = f"{asked}&api_key={{{{api_key}}}}&api_secret={{{{api_secret}}}}"
        fields = {"method": "GET", "path": path, "query": query}
        return driver.send(build_request(fields, found.base_url, account, driver.clock()), "ni_exchange")

    try:
        yield send
    finally:
        found.close()


def finish(config: pytest.Config) -> None:
    """Writes the report files, or puts their texts where the controller of pytest-xdist finds them."""
    texts = _texts(config)
    if hasattr(config, "workeroutput"):
        config.workeroutput["ni_reports"] = texts
    else:
        write_texts(texts)


def _texts(config: pytest.Config) -> dict[str, str]:
    """The first run has the file as it was named, each further one the name of its class in it."""
    texts: dict[str, str] = {}
    for name, edition, run in config.stash.get(_RUNS, {}).values():
        for file in map(Path, config.getoption("ni_report")):
            own = str(file.with_stem(f"{file.stem}-{name}")) if str(file) in texts else str(file)
            texts[own] = report_text(run, edition, own)
    return texts


def write_texts(texts: dict[str, str]) -> None:
    """Writes each text into its file."""
    for file, text in texts.items():
        Path(file).write_text(text, "utf-8")
