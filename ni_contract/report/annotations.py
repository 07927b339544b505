"""Output for a GitHub job: annotations, and the summary of its step."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ni_contract.judge.verdicts import FAIL, STALE, WARN, Verdict
from ni_contract.report.as_markdown import markdown_report
from ni_contract.report.as_sarif import finding_sentence
from ni_contract.report.closing import by_weight
from ni_contract.runs.run import Run

# GitHub shows ten annotations of each level for a step, and accepts a summary of at most one mebibyte.
MAX_ANNOTATIONS_EACH = 10
MAX_SUMMARY_BYTES = 1_000_000


def wants_annotations(choice: bool | None) -> bool:
    """Whether to annotate: by --annotate or --no-annotate, else in a job of GitHub."""
    if choice is None:
        return os.environ.get("GITHUB_ACTIONS") == "true"
    return choice


@contextmanager
def commands_stopped() -> Iterator[None]:
    """Stops GitHub's commands inside the block: text that is printed there may come from the judged program."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}")
    try:
        yield
    finally:
        print(f"::{token}::")


def annotate(run: Run, edition: str) -> None:
    """Prints the annotations of *run*, and appends its Markdown report to the summary of the step."""
    redact = run.account.redactor()
    sys.stdout.write("".join(f"{redact(line)}\n" for line in _lines(run, edition)))
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        text = markdown_report(run, edition)
        if len(text.encode("utf-8", "backslashreplace")) > MAX_SUMMARY_BYTES:
            text = text.partition("\n## Failures")[0] + "\n\nThe failures are too long for this page: see the report.\n"
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(text)


def _lines(run: Run, edition: str) -> Iterator[str]:
    if run.error:
        yield f"::error title=ni-contract::{_data(run.error)}"
    failing, warned = by_weight(run, edition, FAIL, STALE), run.verdicts_with(edition, WARN)
    for kind, verdicts in (("error", failing), ("warning", warned)):
        yield from (_line(run, kind, verdict) for verdict in verdicts[:MAX_ANNOTATIONS_EACH])


def _line(run: Run, kind: str, verdict: Verdict) -> str:
    properties = {"title": f"{verdict.clause.id} ({verdict.clause.level})"}
    sentence = f"{verdict.clause.title}: {verdict.reason}"
    if verdict.word != STALE:
        judged = verdict.failures[0]
        sentence = finding_sentence(verdict, judged)
        if judged.exchange is not None and judged.exchange.file_line is not None:
            file, line = judged.exchange.file_line
            properties |= {"file": file, "line": str(line)}
    escaped = {name: _data(value).replace(":", "%3A").replace(",", "%2C") for name, value in properties.items()}
    shown = ",".join(f"{name}={value}" for name, value in escaped.items())
    return f"::{kind} {shown}::{_data(sentence)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
