"""The stored result of a run under pytest: redacted text only, so that no traceback, file or process leaks a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ni_contract.judge.verdicts import DEVIATES, FAIL, Verdict
from ni_contract.report.closing import DECIDES
from ni_contract.report.failure import failure_text
from ni_contract.report.terminal import failing_elsewhere, warnings
from ni_contract.report.write import report_text
from ni_contract.runs.run import Run

_MAX_RUN_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class ClassReport:
    """The result of a class's run: the *error* that prevented it, and by clause the verdict's word, reason and text.

    *summary* is for the end of the session, *reports* are the texts by the name of the file that was asked for.
    """

    name: str
    error: str = ""
    endings: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    reports: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The JSON text for another process."""
        return json.dumps(asdict(self))


def from_json(text: str) -> ClassReport:
    """The result that another process wrote."""
    return ClassReport(**json.loads(text))


def outcome_of(name: str, run: Run, edition: str, reports: Iterable[str]) -> ClassReport:
    """The result of *run* in *edition*."""
    redact = run.account.redactor()
    endings = {v.clause.id: (v.word, redact(v.reason), redact(_block(run, v))) for v in run.verdicts[edition]}
    return ClassReport(
        name=name,
        error=redact(f"ni-contract: {run.error}") if run.error else "",
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
    results = ", ".join(f"{e} {r}" + (f" ({DECIDES})" if e == edition else "") for e, r in run.results.items())
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
            return from_json(file.read_text("utf-8"))
        outcome = drive()
        # Renamed when complete: a worker that is killed while it writes leaves no partial file for the others.
        unfinished = file.with_suffix(".unfinished")
        unfinished.write_text(outcome.to_json(), "utf-8")
        unfinished.replace(file)
        return outcome
