"""The results of runs under pytest, and the plugin's output: masked test reports, report files, the text at the end.

A result is redacted text only, so that no traceback, file or process leaks a secret.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import Redactor
from ni_contract.files import write_text
from ni_contract.judge.verdicts import DEVIATES, FAIL, Verdict
from ni_contract.pytest_plugin import OUTCOMES, SUMMARY
from ni_contract.report.closing import DECIDES
from ni_contract.report.failure import failure_text
from ni_contract.report.terminal import failing_elsewhere, warnings
from ni_contract.report.words import only_if
from ni_contract.report.write import ending_of, report_text
from ni_contract.runs.run import Run

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_MAX_RUN_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class ClassReport:
    """The result of a class's run: the *error* that prevented it, and by clause the verdict's word, reason and text.

    *summary* is for the end of the session, *reports* are the texts by the name of the file that was asked for.
    Its fields pass from process to process as JSON.
    """

    name: str
    error: str = ""
    endings: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    reports: dict[str, str] = field(default_factory=dict)


def outcome_of(name: str, run: Run, edition: str, reports: Iterable[str]) -> ClassReport:
    """The result of *run* in *edition*."""
    redact = run.account.redactor()
    endings = {v.clause.id: (v.word, redact(v.reason), redact(_block(run, v))) for v in run.verdicts[edition]}
    return ClassReport(
        name=name,
        error=only_if(run.error, redact(f"ni-contract: {run.error}")),
        endings=endings,
        summary=tuple(redact(line) for line in _summary(name, run, edition)),
        reports={file: report_text(run, edition, file) for file in reports},
    )


def _block(run: Run, verdict: Verdict) -> str:
    if verdict.word not in (FAIL, DEVIATES):
        return f"{verdict.clause.id} {verdict.clause.title}"
    vectors = [d.fields for d in run.discoveries if d.judged.clause_id == verdict.clause.id]
    lines = [f"  {'vector':<9} {json.dumps(fields)}" for fields in vectors]
    return "\n".join([failure_text(run, verdict), *lines])


def _summary(name: str, run: Run, edition: str) -> Iterator[str]:
    results = ", ".join(f"{e} {r}{only_if(e == edition, f' ({DECIDES})')}" for e, r in run.results.items())
    yield f"{name}: {results}; {run.requests} requests, {run.seconds:.1f} s"
    yield from (f"  note: {note}" for note in run.notes)
    yield from (f"  {line}" for line in (*failing_elsewhere(run, edition), *warnings(run, edition)))


def driven_once(request: pytest.FixtureRequest, key: str, drive: Callable[[], ClassReport]) -> ClassReport:
    """The result of *drive*, called in one worker of pytest-xdist only: two runs at a time would disturb each other."""
    worker: dict[str, Any] | None = getattr(request.config, "workerinput", None)
    if worker is None:
        return drive()
    shared: Path = request.getfixturevalue("tmp_path_factory").getbasetemp().parent
    digest = sha256(f"{worker['testrunuid']} {key}".encode()).hexdigest()
    return _from_file(shared / f"ni-contract-{digest[:16]}", drive)


def _from_file(file: Path, drive: Callable[[], ClassReport]) -> ClassReport:
    with FileLock(f"{file}.lock", timeout=_MAX_RUN_SECONDS):
        if file.exists():
            return ClassReport(**json.loads(file.read_text("utf-8")))
        outcome = drive()
        # Complete or not at all: a worker that is killed while it writes leaves no partial file for the others.
        write_text("the results of a run", file, json.dumps(asdict(outcome)))
        return outcome


def mask(report: pytest.TestReport, account: object) -> None:
    """Masks the secrets of *account* in all parts of *report*; without an account, masks by field names."""
    redact = account.redactor() if isinstance(account, Credentials) else Redactor()
    report.sections = [(title, redact(text)) for title, text in report.sections]
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, redact(reason))
    elif report.longrepr is not None:
        text = str(report.longrepr)
        if (masked := redact(text)) != text:
            report.longrepr = masked


def take_over(config: pytest.Config, handed_over: Mapping[str, dict[str, Any]]) -> None:
    """Adds the results of a worker; two workers that ran the same class have the same result."""
    found = {key: ClassReport(**fields) for key, fields in handed_over.items()}
    config.stash.setdefault(OUTCOMES, {}).update(found)


def finish(session: pytest.Session) -> None:
    """Writes the report files, or passes the results to the controller of pytest-xdist."""
    config = session.config
    outcomes: dict[str, ClassReport] = config.stash.get(OUTCOMES, {})
    if hasattr(config, "workeroutput"):
        config.workeroutput["ni_outcomes"] = {key: asdict(outcome) for key, outcome in outcomes.items()}
        return
    in_order = [outcomes[key] for key in sorted(outcomes)]
    summaries = (outcome.summary or (f"{outcome.name}: {outcome.error}",) for outcome in in_order)
    lines = list(chain.from_iterable(summaries))
    config.stash[SUMMARY] = lines
    if config.getoption("ni_report") and not config.getoption("collectonly"):
        lines += _write(session, in_order)


def _write(session: pytest.Session, outcomes: list[ClassReport]) -> list[str]:
    texts = {}
    for name, outcome in zip(_distinct(outcomes), outcomes, strict=True):
        for file, text in outcome.reports.items():
            path = Path(file)
            if len(outcomes) > 1:
                start = len(path.name) - len(ending_of(file) or "")
                path = path.with_name(f"{path.name[:start]}-{name}{path.name[start:]}")
            texts[str(path)] = text
    if not texts:
        return ["no report was written: no run came to its end"]
    return [_write_one(session, file, text) for file, text in texts.items()]


def _write_one(session: pytest.Session, file: str, text: str) -> str:
    try:
        write_text("--ni-report", file, text)
    except UsageError as error:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
        return str(error)
    return f"report: {file}"


def _distinct(outcomes: Iterable[ClassReport]) -> list[str]:
    """A file name for each run: the class with the parameters of its target, and a number where that is not unique."""
    names: list[str] = []
    for outcome in outcomes:
        plain = _UNSAFE.sub("-", outcome.name).strip("-")
        tries = (f"{plain}-{number}" if number > 1 else plain for number in range(1, len(names) + 2))
        names.append(next(name for name in tries if name not in names))
    return names
