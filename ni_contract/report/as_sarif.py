"""The report as SARIF 2.1.0, for code scanning: a result for each distinct failure, at its place in a file."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ni_contract.judge import Violation
from ni_contract.judge.verdicts import FAIL, WARN, Verdict
from ni_contract.printable import json_text, printable
from ni_contract.report.as_json import redacted
from ni_contract.runs.provenance import provenance, provenance_of
from ni_contract.runs.run import Run

_LEVELS = {FAIL: "error", WARN: "warning"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_report(run: Run, edition: str) -> str:
    """The report as a SARIF document, of the clauses that fail or warn in *edition*."""
    broken = run.verdicts_with(edition, *_LEVELS)
    driver = {
        "name": "ni-contract",
        "version": provenance()["version"],
        "rules": [_rule(verdict) for verdict in broken],
        "properties": {"provenance": provenance_of(run)},
    }
    results: list[dict[str, Any]] = []
    for verdict in broken:
        results += (_result(run, verdict, judged) for judged in verdict.failures)
    notes = [{"level": "error", "message": {"text": run.error}}] if run.error else []
    invocation = {"executionSuccessful": not run.error, "toolExecutionNotifications": notes}
    run_ = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run_]}
    return json_text(redacted(document, run.account.redactor()))


def _rule(verdict: Verdict) -> dict[str, Any]:
    clause = verdict.clause
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.title},
        "help": {"text": f"ni-contract explain {clause.id}"},
        "defaultConfiguration": {"level": _LEVELS[verdict.word]},
    }


def _result(run: Run, verdict: Verdict, judged: Violation) -> dict[str, Any]:
    return {
        "ruleId": verdict.clause.id,
        "level": _LEVELS[verdict.word],
        "message": {"text": finding_sentence(verdict, judged)},
        "locations": list(_locations(run, judged)),
    }


def finding_sentence(verdict: Verdict, judged: Violation) -> str:
    """One sentence for a failure: the statement, the place, the expected and the actual value."""
    found = judged.finding
    return printable(f"{verdict.clause.title}: {found.at}: {found.actual}, expected {found.expected}")


def _locations(run: Run, judged: Violation) -> Iterator[dict[str, Any]]:
    if judged.exchange is None or judged.exchange.file_line is None:
        name = judged.exchange.origin if judged.exchange else run.target
        yield {"logicalLocations": [{"fullyQualifiedName": printable(name), "kind": "resource"}]}
    else:
        file, line = judged.exchange.file_line
        # Masked before it is quoted, in which secrets would be harder to find.
        artifact = {"uri": quote(run.account.redactor()(file).replace("\\", "/"))}
        yield {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}
