"""The report for programs; its schema is `spec/report.schema.json`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ni_contract.exchanges.redaction import Redactor, redact_body, redact_headers, redact_url
from ni_contract.exchanges.values import Answer, Exchange, Failure
from ni_contract.judge import Violation
from ni_contract.judge.verdicts import Verdict
from ni_contract.printable import json_text
from ni_contract.report.failure import curl_of, deviation_entry, repeat_command
from ni_contract.runs.provenance import provenance_of
from ni_contract.runs.run import Run, Traffic

# Text is cut only after redaction: a secret that was cut would not be found.
MAX_TEXT_LENGTH = 8_000
# Version 1 had no provenance, no exchanges, and for a clause no command, no deviation and no example.
FORMAT = 2


def json_report(run: Run, edition: str) -> str:
    """The report as a JSON document; *edition* is the one that sets the exit code."""
    return json_text(report_document(run, edition))


def report_document(run: Run, edition: str) -> dict[str, Any]:
    """The document of a JSON report, without secrets; *edition* is the one that sets the exit code."""
    exchanges, examples = _exchanges(run)
    document = {
        "tool": "ni-contract",
        "format": FORMAT,
        "provenance": provenance_of(run),
        "command": run.command,
        "target": run.target,
        "edition": edition,
        "result": run.results[edition],
        "error": run.error or None,
        "requests": run.requests,
        "seconds": round(run.seconds, 3),
        "features": {
            "claimed": sorted(run.claims.claimed),
            "found": sorted(run.found),
            "throttle": run.claims.throttle,
        },
        "editions": {name: _edition(run, name, examples) for name in run.verdicts},
        "found_vectors": [{"clause": d.judged.clause_id, "request": d.fields} for d in run.discoveries],
        "notes": list(run.notes),
        "traffic": _traffic(run.traffic),
        "exchanges": exchanges,
    }
    if run.ledger is not None:
        document["ledger"] = {"host": run.ledger.host, "confirmed": dict(sorted(run.ledger.confirmed.items()))}
    return redacted(document, run.account.redactor())


def _exchanges(run: Run) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The exchanges that a report shows, and by clause the index of the first of them that keeps it.

    All are shown with --exchanges, else one for each clause that holds, with the clauses whose example it is.
    """
    first: dict[str, int] = {}
    for index, one in enumerate(run.exchanges):
        for clause_id in one.kept:
            first.setdefault(clause_id, index)
    chosen = sorted(set(first.values()))
    if run.show_exchanges:
        chosen = list(range(len(run.exchanges)))
    shown = []
    for index in chosen:
        one = run.exchanges[index]
        keeps = [clause_id for clause_id in one.kept if run.show_exchanges or first[clause_id] == index]
        shown.append({"exchange": _exchange(one.exchange), "keeps": keeps, "breaks": list(one.broken)})
    places = {index: place for place, index in enumerate(chosen)}
    return shown, {clause_id: places[index] for clause_id, index in first.items()}


def _traffic(traffic: Traffic | None) -> dict[str, Any] | None:
    if traffic is None:
        return None
    return {
        "files": traffic.files,
        "exchanges": traffic.judged,
        "conforming": dict(traffic.conforming),
        "passed_over": dict(traffic.skipped),
        "unreadable_places": traffic.unreadable_places,
        "unreadable": [{"place": place, "why": why} for place, why in traffic.unreadable],
    }


def _edition(run: Run, name: str, examples: Mapping[str, int]) -> dict[str, Any]:
    return {
        "result": run.results[name],
        "causes": [asdict(cause) for cause in run.causes.get(name, ())],
        "clauses": [_clause(run, verdict, examples) for verdict in run.verdicts[name]],
    }


def _clause(run: Run, verdict: Verdict, examples: Mapping[str, int]) -> dict[str, Any]:
    clause = verdict.clause
    return {
        **{name: getattr(clause, name) for name in ("id", "title", "level", "kind", "basis", "section")},
        "verdict": verdict.word,
        "reason": verdict.reason or None,
        "exercised": verdict.evaluated,
        "failed": verdict.failed,
        "failures": [_failure(run, judged) for judged in verdict.failures],
        "repeat": repeat_command(run, clause, next(iter(verdict.failures), None)),
        "deviation": deviation_entry(run, clause.id),
        "example": examples.get(clause.id),
    }


def _failure(run: Run, judged: Violation) -> dict[str, Any]:
    return {
        **asdict(judged.finding),
        "exchange": _exchange(judged.exchange),
        "compared_with": _exchange(judged.other or judged.control) if judged.other is not judged.exchange else None,
        "curl": curl_of(judged.exchange, run),
        "told": judged.reported or None,
    }


def _exchange(exchange: Exchange | None) -> dict[str, Any] | None:
    if exchange is None:
        return None
    request = exchange.request
    return {
        "origin": exchange.origin,
        "request": {
            "method": request.method,
            "url": redact_url(request.url),
            "headers": [list(pair) for pair in redact_headers(request.headers)],
            "body": redact_body(request.body),
        },
        "answer": _answer(exchange.answer),
    }


def _answer(answer: Answer | Failure) -> dict[str, Any]:
    if isinstance(answer, Failure):
        return {"failure": {"kind": answer.kind, "message": answer.message}}
    return {
        "http_status": answer.http_status,
        "headers": [list(pair) for pair in redact_headers(answer.headers)],
        "body": redact_body(answer.body),
    }


def redacted(document: dict[str, Any], redact: Redactor) -> dict[str, Any]:
    """*document* with each string redacted on its own, before JSON escapes could split a secret."""
    return {key: _redacted(value, redact) for key, value in document.items()}


def _redacted(value: Any, redact: Redactor) -> Any:
    if isinstance(value, str):
        return redact(value)[:MAX_TEXT_LENGTH]
    if isinstance(value, list):
        return [_redacted(item, redact) for item in value]
    if isinstance(value, dict):
        return redacted(value, redact)
    return value
