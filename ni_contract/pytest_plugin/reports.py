"""Output of the pytest plugin: masked test reports, report files, and the text at the end of the session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

import pytest

from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import Redactor
from ni_contract.files import write_text
from ni_contract.pytest_plugin import OUTCOMES, SUMMARY
from ni_contract.pytest_plugin.outcome import ClassReport, from_json
from ni_contract.report.write import ending_of

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


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


def take_over(config: pytest.Config, handed_over: Mapping[str, str]) -> None:
    """Adds the results of a worker; two workers that ran the same class have the same result."""
    config.stash.setdefault(OUTCOMES, {}).update({key: from_json(text) for key, text in handed_over.items()})


def finish(session: pytest.Session) -> None:
    """Writes the report files, or passes the results to the controller of pytest-xdist."""
    config = session.config
    outcomes: dict[str, ClassReport] = config.stash.get(OUTCOMES, {})
    if hasattr(config, "workeroutput"):
        config.workeroutput["ni_outcomes"] = {key: outcome.to_json() for key, outcome in outcomes.items()}
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
            texts[str(path if len(outcomes) == 1 else _with_name(path, name))] = text
    if not texts:
        return ["no report was written: no run came to its end"]
    return [_write_one(session, file, text) for file, text in texts.items()]


def _with_name(path: Path, name: str) -> Path:
    ending = ending_of(path.name) or path.suffix
    return path.with_name(f"{path.name[: -len(ending)]}-{name}{path.name[-len(ending) :]}")


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
