"""The report as SARIF 2.1.0, for code scanning: a result for each distinct failure, at its place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ni_contract.exchanges.redaction import Redactor
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import FAIL, WARN, Verdict
from ni_contract.printable import json_text, printable
from ni_contract.report.places import file_place
from ni_contract.report.provenance_rows import provenance_of
from ni_contract.runs.provenance import provenance
from ni_contract.runs.run import Run

_LEVELS = {FAIL: "error", WARN: "warning"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_report(run: Run, edition: str) -> str:
    """The report as a SARIF document, of the clauses that fail or warn in *edition*."""
    broken = [verdict for verdict in run.verdicts[edition] if verdict.word in _LEVELS]
    redact = run.account.redactor()
    driver = {
        "name": "ni-contract",
        "version": provenance().version,
        "rules": [_rule(verdict) for verdict in broken],
        "properties": {"provenance": _redacted(provenance_of(run), redact)},
    }
    results: list[dict[str, Any]] = []
    for verdict in broken:
        results += (_result(run, verdict, judged, redact) for judged in verdict.failures)
    run_ = {"tool": {"driver": driver}, "invocations": [_invocation(run, redact)], "results": results}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run_]}
    return json_text(document)


def _invocation(run: Run, redact: Redactor) -> dict[str, Any]:
    notes = []
    if run.error:
        notes.append({"level": "error", "message": {"text": redact(run.error)}})
    return {"executionSuccessful": not run.error, "toolExecutionNotifications": notes}


def _redacted(found: dict[str, Any], redact: Redactor) -> dict[str, Any]:
    return {**found, "command": redact(found["command"] or "")}


def _rule(verdict: Verdict) -> dict[str, Any]:
    clause = verdict.clause
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.title},
        "help": {"text": f"ni-contract explain {clause.id}"},
        "defaultConfiguration": {"level": _LEVELS[verdict.word]},
    }


def _result(run: Run, verdict: Verdict, judged: Violation, redact: Redactor) -> dict[str, Any]:
    return {
        "ruleId": verdict.clause.id,
        "level": _LEVELS[verdict.word],
        "message": {"text": redact(finding_sentence(verdict, judged))},
        "locations": list(_locations(run, judged, redact)),
    }


def finding_sentence(verdict: Verdict, judged: Violation) -> str:
    """One sentence for a failure: the statement, the place, the expected and the actual value."""
    found = judged.finding
    return printable(f"{verdict.clause.title}: {found.at}: {found.actual}, expected {found.expected}")


def _locations(run: Run, judged: Violation, redact: Redactor) -> Iterator[dict[str, Any]]:
    place = file_place(run, judged)
    if place is None:
        name = judged.exchange.origin if judged.exchange else run.target
        yield {"logicalLocations": [{"fullyQualifiedName": redact(printable(name)), "kind": "resource"}]}
    else:
        file = {"uri": quote(redact(place.file).replace("\\", "/"))}
        yield {"physicalLocation": {"artifactLocation": file, "region": {"startLine": place.line}}}
